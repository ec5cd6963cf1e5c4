import { setImmediate as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ExpiringCache } from '../../src/gateway/expiring-cache.ts';
import { type SmallFederation, startSmallFederation } from '../gateway/small-federation.ts';

let federation: SmallFederation;
beforeAll(async () => {
  federation = await startSmallFederation({ deadlines: { request: 20_000, custodian: 10_000, access: 10_000 } });
});
beforeEach(() => federation.heal());
afterAll(() => federation.close());

let viewer = 0;
const someone = (): string => `viewer-${(viewer += 1)}`;

const UNTIL = '2099-01-01T00:00:00.000Z';
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const letters = (number: number): string =>
  (number < LETTERS.length ? '' : letters(Math.floor(number / LETTERS.length) - 1)) + LETTERS[number % LETTERS.length];

/** As many grants as one custodian can tell of, each with scopes of its own. */
const grants = (scopes: number, clears: readonly string[] = []) =>
  Array.from({ length: 1000 }, (_, grant) => ({
    scopes: ['ministry:registered', ...Array.from({ length: scopes }, (__, n) => `m:${letters(grant * scopes + n)}`)],
    clears,
    until: UNTIL,
  }));

const say = (answer: object): void => {
  federation.ministry.access = async () => ({
    custodian: 'ministry',
    grants: [],
    otherPurpose: [],
    expired: [],
    askedAboutPersons: true,
    ...answer,
  });
};

const lists = Array.from({ length: 50 }, (_, n) => `l${n}: certificates(first: 2) { nodes { id name cause } }`);

test('many grants that carry little keep no other request waiting', async () => {
  const query = `{ ${lists.join(' ')} reports { nodes { id } } }`;
  await federation.ask(query, { as: someone() });
  say({ grants: grants(40), otherPurpose: grants(0).map((_, n) => `m:o${letters(n)}`) });
  const began = performance.now();
  const { json } = await federation.ask(query, { as: someone() });
  expect(performance.now() - began).toBeLessThan(1_000);
  expect(json.data.reports).toEqual({ nodes: [{ id: 'missing:1' }] });
  expect(json.extensions.withheld).toHaveLength(100);
  expect(json.extensions.custodians).toContainEqual({ custodian: 'ministry', status: 'ANSWERED', records: 100 });
});

test.each<[string, object]>([
  ['more of them than any viewer has', { grants: grants(90) }],
  [
    'a label again and again',
    {
      grants: grants(
        0,
        Array.from({ length: 100 }, () => 'SEALED'),
      ),
    },
  ],
  ['a scope that is none', { grants: [{ scopes: ['<b>ministry</b>'], clears: [], until: UNTIL }] }],
  ['a scope that is none, for another purpose', { otherPurpose: ['<b>ministry</b>'] }],
  ['a scope that is none, from before', { expired: ['<b>ministry</b>'] }],
])('a custodian that tells of %s has said nothing, and is not quoted', async (_, answer) => {
  say(answer);
  const query =
    '{ certificates { totalCount } reports { nodes { id } } viewer { accesses { custodian status scopes } } }';
  const { json, text } = await federation.ask(query, { as: someone() });
  expect(json.data).toMatchObject({ certificates: null, reports: { nodes: [{ id: 'missing:1' }] } });
  expect(json.data.viewer.accesses[0]).toEqual({ custodian: 'ministry', status: 'UNAVAILABLE', scopes: [] });
  expect(json.errors).toMatchObject([{ path: ['certificates'], extensions: { code: 'CUSTODIAN_UNAVAILABLE' } }]);
  expect(text).not.toContain('<b>');
});

test('what was told takes no room once its time is over and something else is told', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  let now = 0;
  const cache = new ExpiringCache<object>(1_000, () => now);
  const told = Array.from({ length: 3 }, (_, n) => {
    const answer = { n };
    cache.set(`viewer ${n}`, answer, 5);
    return new WeakRef(answer);
  });
  cache.set('viewer 4', {}, 20);
  now = 10;
  cache.set('viewer 5', {}, 20);
  // What was made is held for as long as this goes on.
  await pause();
  collect();
  expect(told.map((answer) => answer.deref())).toEqual([undefined, undefined, undefined]);
  expect(cache.get('viewer 4')).toEqual({});
});
