import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ASKED_ABOUT } from '../../src/demo/ask-viewers.ts';
import type { Label } from '../../src/protocol/labels.ts';
import type { Purpose } from '../../src/protocol/purposes.ts';
import { grant } from '../../src/subgraphs/kit/grants.ts';
import {
  type Answer,
  type Custodian,
  type OwnGateway,
  accessToken,
  ask,
  give,
  startGateway,
  withStorage,
} from './harness.ts';

const VIEWERS = 50;
const ROUNDS = 3;
/** Wide, since what is tested is who gets what, not how soon, on whatever machine. */
const DEADLINES = { request: 60_000, custodian: 30_000, access: 30_000 };
const CUSTODIANS = ['ministry', 'missing', 'ngo-a'] as const;
const SUBGRAPH = { ministry: 'ministry', missing: 'missing', 'ngo-a': 'ngo' } as const;

const QUERY = `query ($ids: [ID!]!, $first: Int) {
  persons(ids: $ids) {
    id
    missingPersonReports { totalCount nodes { id status reference name { asWritten } } }
    deathCertificates { totalCount nodes { id disputed reference mother } }
    depictedBodies { totalCount nodes { id category reference } }
  }
  deathCertificates(first: $first) { totalCount nodes { id reference person { id } } }
  identificationDecisions(first: $first) { totalCount nodes { id reference } }
  photographs(first: $first) { totalCount nodes { id reference } }
  viewer { accesses { custodian scopes } }
}`;
const IDS = ASKED_ABOUT.map(({ id }) => id);

/** What viewer `n` is granted: no two the same, some with the same scopes and different labels cleared. */
interface Holding {
  readonly scopes: Readonly<Partial<Record<Custodian, readonly string[]>>>;
  readonly clears: readonly Label[];
}

/** Two bits for each custodian: registered, identifying. The viewers from the 33rd on clear labels, too. */
function holdingOf(n: number): Holding {
  const clears: readonly Label[] = n >= 32 ? ['COORDINATED', 'FAMILY_FIRST'] : [];
  const bits = n >= 32 ? 64 - 1 - (n - 32) : n + 16;
  const scopes = CUSTODIANS.map((custodian, place) => {
    const names = ['registered', 'identifying'].filter((_, bit) => bits & (1 << (place * 2 + bit)));
    return [custodian, names] as const;
  });
  return { scopes: Object.fromEntries(scopes.filter(([, names]) => names.length > 0)), clears };
}

const subject = (n: number): string => `one-of-fifty-${n}`;
const viewers = Array.from({ length: VIEWERS }, (_, n) => n);

/** What the viewer is told but the request's id. */
const told = ({ status, data, errors, withheld, custodians }: Answer) => ({
  status,
  data,
  errors,
  withheld,
  custodians,
});

let gateway: OwnGateway;
let alone: ReturnType<typeof told>[];

const askAs = (n: number, at: string, signal?: AbortSignal): Promise<Answer> =>
  ask(QUERY, { as: subject(n), variables: { ids: IDS, first: 3 }, gateway: at, ...(signal && { signal }) });

beforeAll(async () => {
  for (const custodian of CUSTODIANS) {
    await withStorage(custodian, async (storage) => {
      for (const n of viewers) {
        const { scopes, clears } = holdingOf(n);
        const names = scopes[custodian] ?? [];
        if (names.length === 0) continue;
        await grant(storage, {
          subject: subject(n),
          subjectKind: 'USER',
          organisation: clears.length > 0 ? 'missing' : 'commission',
          recipientKind: 'NAMED_ORGANISATIONS',
          scopes: names.map((name) => `${SUBGRAPH[custodian]}:${name}`),
          clears: [...clears],
          purposes: ['IDENTIFICATION'],
          until: new Date(Date.now() + 3_600_000),
          reason: 'test',
          grantedBy: 'test',
        });
      }
    });
  }
  gateway = await startGateway({}, { deadlines: DEADLINES });
  // Each alone, one after the other, at a gateway that has none of the others' questions under way.
  alone = [];
  for (const n of viewers) alone.push(told(await askAs(n, gateway.url)));
});
afterAll(() => gateway?.stop());

it('fifty viewers have grants so different that a mixed-up answer would show', () => {
  const holdings = new Set(viewers.map((n) => JSON.stringify(holdingOf(n))));
  expect(holdings.size).toBe(VIEWERS);
  expect(new Set(alone.map((answer) => JSON.stringify(answer))).size).toBe(VIEWERS);
  // Their records differ, not just what they are told of them.
  expect(new Set(alone.map(({ data }) => JSON.stringify(data))).size).toBeGreaterThanOrEqual(25);
});

it('each of them alone is told exactly what the grants say', () => {
  const needs = {
    'Query.persons': ['missing', 'identifying'],
    'Person.missingPersonReports': ['missing', 'identifying'],
    'Person.deathCertificates': ['ministry', 'identifying'],
    'Person.depictedBodies': ['ngo-a', 'identifying'],
    'Query.deathCertificates': ['ministry', 'registered'],
    'Query.identificationDecisions': ['missing', 'identifying'],
    'Query.photographs': ['ngo-a', 'registered'],
  } as const;
  for (const n of viewers) {
    const { scopes } = holdingOf(n);
    const has = (coordinate: keyof typeof needs): boolean => {
      const [custodian, name] = needs[coordinate];
      return scopes[custodian]?.includes(name) ?? false;
    };
    const roots = ['persons', 'deathCertificates', 'identificationDecisions', 'photographs'] as const;
    const { data, errors, withheld } = alone[n]!;
    expect(errors).toEqual([]);
    for (const root of roots) expect([n, root, data[root] !== null]).toEqual([n, root, has(`Query.${root}`)]);
    const cut = new Set(withheld.map(({ coordinate }) => coordinate));
    for (const coordinate of Object.keys(needs) as (keyof typeof needs)[]) {
      // What is below a field that is cut is not reported a second time.
      const isBelow = coordinate.startsWith('Person.') && !has('Query.persons');
      if (!isBelow) expect([n, coordinate, cut.has(coordinate)]).toEqual([n, coordinate, !has(coordinate)]);
    }
  }
});

describe('fifty viewers at once', () => {
  it.each([
    ['a gateway that has never seen them', () => startGateway({}, { deadlines: DEADLINES })],
    ['a gateway that remembers their plans and grants', () => Promise.resolve(gateway)],
  ])('at %s each get what they get alone, in every round', async (_, at) => {
    const asked = await at();
    try {
      for (let round = 0; round < ROUNDS; round++) {
        const order = viewers.toSorted((a, b) => ((a * 17 + round * 7) % 53) - ((b * 17 + round * 7) % 53));
        const answers = await Promise.all(order.map(async (n) => [n, told(await askAs(n, asked.url))] as const));
        for (const [n, answer] of answers) expect([n, answer]).toEqual([n, alone[n]]);
      }
    } finally {
      if (asked !== gateway) await asked.stop();
    }
  });

  it('get what they get alone while others leave in the middle', async () => {
    const leaving = viewers.filter((n) => n % 3 === 0);
    const [, ...answers] = await Promise.all([
      Promise.allSettled(leaving.map((n) => askAs(n, gateway.url, AbortSignal.timeout(5 + n)))),
      ...viewers.filter((n) => n % 3 !== 0).map(async (n) => [n, told(await askAs(n, gateway.url))] as const),
    ]);
    for (const [n, answer] of answers) expect([n, answer]).toEqual([n, alone[n]]);
  });
});

it('one viewer with several purposes at once gets for each what its grants are for', async () => {
  const as = 'of-two-minds';
  await give('ministry', as, ['registered', 'identifying'], { purposes: ['IDENTIFICATION'] });
  await give('ministry', as, ['registered'], { purposes: ['RESEARCH'] });
  const query = '{ deathCertificates(first: 2) { nodes { id reference } } }';
  const purposes: Purpose[] = ['IDENTIFICATION', 'RESEARCH', 'STATISTICS'];
  const askFor = (purpose: Purpose) => ask(query, { as, purpose, gateway: gateway.url });
  const asked = Array.from({ length: 30 }, (_, n) => purposes[n % 3]!);
  const answers = await Promise.all(asked.map(async (purpose) => [purpose, await askFor(purpose)] as const));
  for (const [purpose, { data, withheld }] of answers) {
    const references = data.deathCertificates?.nodes.map(({ reference }: { reference: unknown }) => reference);
    const [reason] = withheld.map((entry) => [entry.coordinate, entry.reason]);
    if (purpose === 'IDENTIFICATION')
      expect([references, reason]).toEqual([[expect.any(String), expect.any(String)], undefined]);
    if (purpose === 'RESEARCH')
      expect([references, reason]).toEqual([
        [null, null],
        ['DeathCertificate.reference', 'PURPOSE'],
      ]);
    if (purpose === 'STATISTICS')
      expect([data, reason]).toEqual([{ deathCertificates: null }, ['Query.deathCertificates', 'PURPOSE']]);
  }
});

it('a user and a client of one name at once get each their own', async () => {
  const name = 'of-one-name';
  await give('ministry', name, ['registered', 'identifying']);
  await give('missing', name, ['registered'], { subjectKind: 'CLIENT' });
  const tokens = { user: await accessToken(name), client: await accessToken(name, { client_id: name }) };
  const query = '{ deathCertificates(first: 1) { totalCount } missingPersonReports(first: 1) { totalCount } }';
  const askWith = async (kind: keyof typeof tokens) =>
    [kind, await ask(query, { token: tokens[kind], gateway: gateway.url })] as const;
  const kinds = Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? 'user' : 'client'));
  // In the second round the gateway remembers what it was told in the first.
  for (let round = 0; round < 2; round++) {
    for (const [kind, { data, withheld }] of await Promise.all(kinds.map(askWith))) {
      const seen = Object.keys(data).filter((root) => data[root] !== null);
      expect([kind, seen]).toEqual([kind, kind === 'user' ? ['deathCertificates'] : ['missingPersonReports']]);
      expect(withheld).toHaveLength(1);
    }
  }
});

it('viewers who differ in nothing but one cleared label share a plan and no record', async () => {
  await give('ngo-a', 'clears-nothing', ['registered']);
  await give('ngo-a', 'clears-coordinated', ['registered'], { organisation: 'ministry', clears: ['COORDINATED'] });
  const query = '{ photographs(first: 2) { totalCount nodes { id } } }';
  const asked = Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? 'clears-nothing' : 'clears-coordinated'));
  const answers = await Promise.all(
    asked.map(async (as) => [as, await ask(query, { as, gateway: gateway.url })] as const),
  );
  for (const [as, { data }] of answers) {
    expect([as, data.photographs.nodes.length]).toEqual([as, as === 'clears-nothing' ? 0 : 2]);
  }
});
