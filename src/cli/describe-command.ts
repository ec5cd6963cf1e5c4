import type { Command } from 'commander';

/** Adds examples and the meaning of the exit codes to a command's `--help`. */
export function withExamples(command: Command, ...examples: readonly string[]): Command {
  const lines = examples.map((example) => `  $ amana ${example}`).join('\n');
  return command.addHelpText(
    'after',
    `\n${examples.length === 1 ? 'Example' : 'Examples'}:\n${lines}\n\nExit codes: 0 done, 1 failed, 2 wrong usage.`,
  );
}
