import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const REGISTER = fileURLToPath(new URL('../../bin/register.mjs', import.meta.url));

/** Runs a partner's own program, which lies outside this repository, and answers what it prints. */
async function run(source: string): Promise<{ stdout: string; stderr: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'amana own sources '));
  const file = join(directory, 'program.ts');
  writeFileSync(file, source);
  try {
    return await new Promise((resolve) => {
      execFile(process.execPath, ['--import', REGISTER, file], (_, stdout, stderr) => resolve({ stdout, stderr }));
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('a partner’s own sources may have decorators, whether or not they import anything', async () => {
  const { stdout, stderr } = await run(`
    const told: PropertyDecorator = (_, name) => console.log(String(name));
    class Record { @told id: string = 'a'; }
    console.log(new Record().id);`);
  expect(stderr).toBe('');
  expect(stdout).toBe('id\na\n');
});

test('a fault in a source is told with its file, its line and what is there', async () => {
  const { stderr } = await run('export const first: number = 1;\n\nexport function second( {\n  return 1;\n');
  expect(stderr).toMatch(/program\.ts:4:10/u);
  expect(stderr).toContain('return 1;');
});
