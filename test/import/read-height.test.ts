import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readHeight } from '../../src/subgraphs/missing/read-height.ts';

it.each([
  ...([
    ['174', 174],
    ['174 cm', 174],
    ['174.6cm', 175],
    ['1.74', 174],
    ['1,74 m', 174],
    ['١', null],
  ] as const),
  ...([
    ['6 ft', 183],
    ['5 ft', 152],
    ['5 ft 11 in', 180],
    ['5\'11"', 180],
    ['5’ 11', 180],
    ['70 in', 178],
  ] as const),
  ...([
    ['2 metres', 200],
    ['170 سم', 170],
    ['6', null],
    ['40', null],
    ['900', null],
    ['tall', null],
  ] as const),
  ...([
    ['', null],
    ['0', null],
    ['5 ft 11 lb', null],
    ['1e2', null],
    ['12 m', null],
  ] as const),
])('reads %j as %j', (written, height) => {
  expect(readHeight(written)).toBe(height);
});

it('reads a height told in centimetres, metres or inches as the same to a centimetre', () => {
  fc.assert(
    fc.property(fc.integer({ min: 60, max: 240 }), (height) => {
      expect(readHeight(`${height} cm`)).toBe(height);
      expect(readHeight(`${(height / 100).toFixed(2)} m`)).toBe(height);
      expect(readHeight(`${(height / 2.54).toFixed(2)} in`)).toBe(height);
    }),
  );
});

it('never answers what no human being measures', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const height = readHeight(text);
      expect(height === null || (height >= 30 && height <= 250)).toBe(true);
    }),
  );
});
