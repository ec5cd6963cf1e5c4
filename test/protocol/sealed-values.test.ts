import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SealedValues } from '../../src/protocol/sealed-values.ts';

const LONGEST = 400;
const value = { sortKey: '2014', missed: ['ngo-a'] };

it('a sealed value opens for the words it is bound to, and for no others', () => {
  const sealed = new SealedValues(LONGEST, [randomBytes(32)]);
  fc.assert(
    fc.property(fc.array(fc.string()), fc.array(fc.string()), (words, others) => {
      fc.pre(JSON.stringify(words) !== JSON.stringify(others));
      const text = sealed.seal(words, value);
      expect(sealed.open(words, text)).toEqual(value);
      expect(sealed.open(others, text)).toBeUndefined();
    }),
  );
});

it('a sealed value opens as long as the secret that sealed it is among those that open', () => {
  const [old, fresh] = [randomBytes(32), randomBytes(32)];
  const sealed = new SealedValues(LONGEST, [old]);
  const text = sealed.seal(['a list'], value);
  sealed.rotate([fresh, old]);
  expect(sealed.open(['a list'], text)).toEqual(value);
  sealed.rotate([fresh]);
  expect(sealed.open(['a list'], text)).toBeUndefined();
});

it('a text longer than any that is sealed is not looked at', () => {
  const secret = randomBytes(32);
  const text = new SealedValues(LONGEST, [secret]).seal([], value);
  expect(new SealedValues(text.length, [secret]).open([], text)).toEqual(value);
  expect(new SealedValues(text.length - 1, [secret]).open([], text)).toBeUndefined();
});
