import { expect, it } from 'vitest';
import { changedSettings } from '../../src/protocol/reload-configuration.ts';

const BEFORE = {
  name: { en: 'A', ar: 'أ' },
  listen: { host: '127.0.0.1', port: 1 },
  custodians: [{ id: 'a', url: 'u' }],
  log: {},
};

it.each([
  ['nothing', BEFORE, [], []],
  [
    'nothing but the order',
    { custodians: [{ url: 'u', id: 'a' }], log: {}, listen: BEFORE.listen, name: { ar: 'أ', en: 'A' } },
    [],
    [],
  ],
  ['a setting of a safe group', { ...BEFORE, name: { en: 'B', ar: 'أ' } }, ['name.en'], []],
  ['a setting that is not safe', { ...BEFORE, listen: { host: '127.0.0.1', port: 2 } }, [], ['listen.port']],
  ['a list', { ...BEFORE, custodians: [{ id: 'b' }] }, ['custodians'], []],
  ['a setting that is new', { ...BEFORE, nameless: true }, [], ['nameless']],
  ['a group that is new', { ...BEFORE, media: {} }, [], ['media']],
  [
    'a group that is gone',
    { name: BEFORE.name, custodians: BEFORE.custodians, log: {} },
    [],
    ['listen.host', 'listen.port'],
  ],
  [
    'several',
    { ...BEFORE, name: { en: 'B', ar: 'ب' }, listen: { host: '::1', port: 1 } },
    ['name.en', 'name.ar'],
    ['listen.host'],
  ],
])('of what changed, %s', (_, after, taken, refused) => {
  expect(changedSettings(BEFORE, after, ['name', 'custodians'])).toEqual({ taken, refused });
});
