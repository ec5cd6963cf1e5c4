import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readSecret } from '../../src/protocol/read-configuration.ts';
import { readSigningKey } from '../../src/protocol/read-keys.ts';
import { temporaryDirectory } from './temporary-directory.ts';

it('a secret or a private key that others than its owner may read stops the start', async () => {
  const { directory, remove } = await temporaryDirectory();
  const file = join(directory, 'log.secret');
  writeFileSync(file, 'A'.repeat(43), { mode: 0o600 });
  expect(readSecret(file)).toHaveLength(32);
  for (const mode of [0o640, 0o604, 0o620]) {
    chmodSync(file, mode);
    expect(() => readSecret(file)).toThrow('others than its owner may read it. Run "chmod 600"');
    await expect(readSigningKey(file)).rejects.toThrow('others than its owner may read it');
  }
  await remove();
});
