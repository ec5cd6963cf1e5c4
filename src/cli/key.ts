import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { makeSigningKey } from '../protocol/make-signing-key.ts';
import { parseKeySet } from '../protocol/read-keys.ts';
import { withExamples } from './describe-command.ts';
import { UsageError } from './usage-error.ts';

/** `amana key`: makes a key to sign with, the gateway's or the link register's, and the public key that others pin. */
export function addKeyCommand(program: Command): void {
  const command = program
    .command('key')
    .description(
      'Makes a key to sign with: <name>.jwk.json, for its owner only, and <name>.jwks.json, the public key that the ' +
        'others pin. No file that is there is overwritten.',
    )
    .argument('<name>', 'the name of the two files, with the folder they are written to')
    .option(
      '--add-to <file>',
      'add the public key to this set instead: first others pin both, then you sign with the new',
    )
    .action(async (name: string, { addTo }: { addTo?: string }) => {
      const before = addTo === undefined ? [] : parseKeySet(addTo, readFileSync(addTo, 'utf8')).keys;
      const pinnedFile = addTo ?? `${name}.jwks.json`;
      const { signing, pinned } = await makeSigningKey();
      writeNew(`${name}.jwk.json`, JSON.stringify(signing), 0o600);
      const set = `${JSON.stringify({ keys: [...before, pinned] }, undefined, 2)}\n`;
      if (addTo === undefined) writeNew(pinnedFile, set, 0o644);
      else replace(addTo, set);
      process.stdout.write(
        `To sign with, keep it secret: ${name}.jwk.json\nTo be pinned by the others: ${pinnedFile}\n`,
      );
    });
  withExamples(command, 'key gateway', 'key gateway-2027 --add-to gateway.jwks.json');
}

function writeNew(file: string, content: string, mode: number): void {
  try {
    writeFileSync(file, content, { flag: 'wx', mode });
  } catch (cause) {
    const isThere = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    throw isThere ? new UsageError(`${file} is there already. Give the key another name.`) : cause;
  }
}

/** As a whole or not at all: whoever reads it meanwhile finds the set before or the set after. */
function replace(file: string, content: string): void {
  writeFileSync(`${file}.new`, content, { flag: 'wx', mode: 0o644 });
  renameSync(`${file}.new`, file);
}
