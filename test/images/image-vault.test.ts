import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { ImageVault } from '../../src/subgraphs/kit/images/image-vault.ts';

const AS = { what: 'REDUCED', record: 'ngo-a:p', digest: 'd' } as const;

it('an image opens for as long as the key that it was sealed under is kept, and what is new is sealed under the first', () => {
  const [old, fresh] = [randomBytes(32), randomBytes(32)];
  const vault = new ImageVault(old);
  const earlier = vault.seal(Buffer.from('an image'), AS);
  vault.rotate([fresh, old]);
  const later = vault.seal(Buffer.from('another'), AS);
  expect([vault.open(earlier, AS), vault.open(later, AS)].map(String)).toEqual(['an image', 'another']);
  vault.rotate([fresh]);
  expect(String(vault.open(later, AS))).toBe('another');
  expect(() => vault.open(earlier, AS)).toThrow();
});
