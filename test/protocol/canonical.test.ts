import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical } from '../../src/protocol/canonical.ts';

describe('the canonical text of a value', () => {
  it('is the same whatever the order of properties', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(canonical(reversed)).toBe(canonical(value));
      }),
    );
  });
});
