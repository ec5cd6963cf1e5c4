import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SealedValues } from '../../src/protocol/sealed-values.ts';

const LONGEST = 400;
const value = { sortKey: '2014', missed: ['ngo-a'] };

const binding = { owner: ['a viewer'], of: ['a list'] };

it('a sealed value opens for what it is bound to, and for nothing else', () => {
  const sealed = new SealedValues(LONGEST, [randomBytes(32)]);
  const words = fc.array(fc.string());
  const bindings = fc.record({ owner: words, of: words });
  fc.assert(
    fc.property(bindings, bindings, (bound, other) => {
      fc.pre(JSON.stringify(bound) !== JSON.stringify(other));
      const text = sealed.seal(bound, value);
      expect(sealed.open(bound, text)).toEqual(value);
      for (const borrowed of [other, { ...bound, of: other.of }, { ...bound, owner: other.owner }])
        if (JSON.stringify(borrowed) !== JSON.stringify(bound)) expect(sealed.open(borrowed, text)).toBeUndefined();
    }),
  );
});

it('a sealed value opens however many others have been sealed since for others', () => {
  const sealed = new SealedValues(LONGEST, [randomBytes(32)]);
  const text = sealed.seal(binding, value);
  for (let n = 0; n < 3_000; n += 1) sealed.seal({ ...binding, owner: [`viewer ${n}`] }, value);
  expect(sealed.open(binding, text)).toEqual(value);
  expect(sealed.open({ ...binding, owner: ['viewer 2999'] }, text)).toBeUndefined();
});

it('a sealed value opens as long as the secret that sealed it is among those that open', () => {
  const [old, fresh] = [randomBytes(32), randomBytes(32)];
  const sealed = new SealedValues(LONGEST, [old]);
  const text = sealed.seal(binding, value);
  sealed.rotate([fresh, old]);
  expect(sealed.open(binding, text)).toEqual(value);
  sealed.rotate([fresh]);
  expect(sealed.open(binding, text)).toBeUndefined();
});

it('a text longer than any that is sealed is not looked at', () => {
  const secret = randomBytes(32);
  const text = new SealedValues(LONGEST, [secret]).seal(binding, value);
  expect(new SealedValues(text.length, [secret]).open(binding, text)).toEqual(value);
  expect(new SealedValues(text.length - 1, [secret]).open(binding, text)).toBeUndefined();
});
