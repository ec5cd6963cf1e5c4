import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** How a run of the command ended. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export const AMANA = fileURLToPath(new URL('../../bin/amana', import.meta.url));

/** Runs `amana` as a user would, in a directory of the test's own. */
export function runAmana(
  words: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; command?: string } = {},
): Promise<Outcome> {
  const { cwd, env = {}, command = AMANA } = options;
  return new Promise((resolve) => {
    execFile(
      command,
      words,
      { ...(cwd !== undefined && { cwd }), env: { ...process.env, ...env } },
      (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
      },
    );
  });
}
