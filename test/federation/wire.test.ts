import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { delivered } from './delivered.ts';
import {
  type Answer,
  type Custodian,
  type OwnGateway,
  accessToken,
  ask,
  federation,
  give,
  logEntries,
  startGateway,
} from './harness.ts';
import { type Recorded, type RecordingProxy, recordingProxy } from './recording-proxy.ts';

const TOLD = 'psn_03d0cba4e5f2978fb82b';
const PENDING = 'psn_70539857a00d3c26df80';
const CAUSES = new Set(
  delivered('ministry/death_certificates.csv')
    .map(({ cause }) => cause ?? '')
    .filter((cause) => cause.length > 3),
);

const CUSTODIANS = ['ministry', 'missing', 'ngo-a'] as const;
const gates = {} as Record<Custodian, RecordingProxy>;
let gateway: OwnGateway;

beforeAll(async () => {
  for (const id of CUSTODIANS) gates[id] = await recordingProxy(federation.custodians[id]);
  gateway = await startGateway({
    ministry: gates.ministry.url,
    missing: gates.missing.url,
    'ngo-a': gates['ngo-a'].url,
  });
  for (const viewer of ['wire:half', 'wire:whole']) {
    const medical = viewer === 'wire:whole' ? ['medical'] : [];
    await give('ministry', viewer, ['registered', 'identifying', ...medical]);
    await give('missing', viewer, ['registered', 'identifying']);
    const more = { organisation: 'ministry', recipientKind: 'GOVERNMENT' } as const;
    await give('ngo-a', viewer, ['registered', 'identifying'], { ...more, clears: ['COORDINATED'] });
  }
});
afterAll(async () => {
  await gateway.stop();
  for (const gate of Object.values(gates)) await gate.close();
});
beforeEach(() => {
  for (const gate of Object.values(gates)) gate.clear();
});

const everything = (): (Recorded & { custodian: Custodian })[] =>
  CUSTODIANS.flatMap((custodian) => gates[custodian].recorded.map((recorded) => ({ ...recorded, custodian })));
const operations = (): ReturnType<typeof everything> => everything().filter(({ path }) => path.endsWith('/graphql'));
/** All that has crossed the wire, both ways, except the schemas that a gateway reads when it starts. */
const crossed = (): string =>
  everything()
    .filter(({ path }) => !path.endsWith('/schema'))
    .map((recorded) => JSON.stringify(recorded))
    .join('\n');
const askOwn = (query: string, question: Parameters<typeof ask>[1] = {}): Promise<Answer> =>
  ask(query, { as: 'wire:half', gateway: gateway.url, ...question });

/** Ways in which a field may be asked for, each with whatever else its operation takes. */
const DISGUISES: readonly {
  readonly how: string;
  readonly query: string;
  readonly variables?: Record<string, unknown>;
}[] = [
  { how: 'plainly', query: '{ deathCertificates { nodes { id statedCause } } }' },
  { how: 'alone', query: '{ deathCertificates { nodes { statedCause } } }' },
  { how: 'under an alias', query: '{ deathCertificates { nodes { id remark: statedCause } } }' },
  {
    how: 'under the name of a field that may be seen',
    query: '{ deathCertificates { nodes { mother: statedCause } } }',
  },
  { how: 'several times', query: '{ deathCertificates { nodes { a: statedCause b: statedCause c: id } } }' },
  { how: 'beside __typename', query: '{ deathCertificates { __typename nodes { __typename statedCause } } }' },
  { how: 'on an edge', query: '{ deathCertificates { edges { cursor node { id statedCause } } } }' },
  {
    how: 'in a fragment of a fragment',
    query:
      '{ deathCertificates { nodes { ...outer } } } fragment outer on DeathCertificate { id ...inner } fragment inner on DeathCertificate { statedCause }',
  },
  {
    how: 'in an inline fragment, with and without a type',
    query: '{ deathCertificates { nodes { ... on DeathCertificate { ... { statedCause } } } } }',
  },
  {
    how: 'in a fragment on the connection',
    query: '{ deathCertificates { ...page } } fragment page on DeathCertificateConnection { nodes { statedCause } }',
  },
  { how: 'nested behind a person', query: `{ person(id: "${TOLD}") { deathCertificates { nodes { statedCause } } } }` },
  {
    how: 'round and round',
    query: `{ person(id: "${TOLD}") { deathCertificates { nodes { person { deathCertificates { nodes { id statedCause } } } } } } }`,
  },
  { how: 'with @include(if: true)', query: '{ deathCertificates { nodes { id statedCause @include(if: true) } } }' },
  {
    how: 'by a variable of @include',
    query: 'query ($yes: Boolean!) { deathCertificates { nodes { id statedCause @include(if: $yes) } } }',
    variables: { yes: true },
  },
  {
    how: 'by the default of a variable of @skip',
    query: 'query ($no: Boolean! = false) { deathCertificates { nodes { id ... @skip(if: $no) { statedCause } } } }',
  },
  {
    how: 'beside introspection',
    query:
      '{ __schema { queryType { name } } __type(name: "DeathCertificate") { name } deathCertificates { nodes { id statedCause } } }',
  },
  {
    how: 'on two branches',
    query: `{ deathCertificates { nodes { id statedCause } } person(id: "${TOLD}") { deathCertificates { nodes { mother statedCause } } } }`,
  },
];

describe('a withheld field never crosses the wire, asked for', () => {
  it.each(DISGUISES)('$how', async ({ query, variables }) => {
    const answer = await askOwn(query, { ...(variables && { variables }) });
    expect(answer.status).toBe(200);
    expect(answer.errors).toEqual([]);
    expect(new Set(answer.withheld.map(({ coordinate }) => coordinate))).toEqual(
      new Set(['DeathCertificate.statedCause']),
    );
    expect(operations().length).toBeGreaterThan(0);
    expect(crossed()).not.toContain('statedCause');
    for (const cause of CAUSES) {
      expect(crossed()).not.toContain(JSON.stringify(cause).slice(1, -1));
      expect(answer.text).not.toContain(cause);
    }
  });

  it.each(DISGUISES)('$how, while it does for somebody who may see it', async ({ query, variables }) => {
    const answer = await askOwn(query, { as: 'wire:whole', ...(variables && { variables }) });
    expect(answer.withheld).toEqual([]);
    expect(crossed()).toContain('statedCause');
    expect([...CAUSES].some((cause) => answer.text.includes(cause))).toBe(true);
  });

  it('in one of several operations, of which the other was chosen', async () => {
    const query =
      'query wanted { deathCertificates { nodes { id } } } query other { deathCertificates { nodes { statedCause } } }';
    const answer = await ask(query, { as: 'wire:half', gateway: gateway.url });
    expect(answer.errors).toMatchObject([{ extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } }]);
    expect(operations()).toEqual([]);
  });

  it('as a whole list, of which nothing at all is asked', async () => {
    const answer = await askOwn(
      '{ familyNotifications { totalCount nodes { id status } pageInfo { hasNextPage endCursor } } }',
    );
    expect(answer.data).toEqual({ familyNotifications: null });
    expect(answer.withheld).toMatchObject([{ path: ['familyNotifications'], coordinate: 'Query.familyNotifications' }]);
    expect(operations()).toEqual([]);
  });

  it('as an entity, which nobody can bring to the gateway', async () => {
    const query = `{ _entities(representations: [{ __typename: "Person", id: "${PENDING}" }]) { ... on Person { id } } }`;
    expect(await askOwn(query)).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
    });
    expect(await askOwn('{ _service { sdl } }')).toMatchObject({ status: 400 });
    expect(operations()).toEqual([]);
  });

  it('and its variables do not either', async () => {
    const query =
      'query ($after: String) { familyNotifications(first: 7, after: $after) { nodes { id } } collections { totalCount } }';
    await askOwn(query, { variables: { after: 'not-for-anybody' } });
    expect(operations().length).toBe(1);
    expect(crossed()).not.toContain('not-for-anybody');
  });

  it('but does once a grant has opened it', async () => {
    const query = '{ deathCertificates(first: 1) { nodes { statedCause } } }';
    await give('ministry', 'wire:later', ['registered']);
    expect((await askOwn(query, { as: 'wire:later' })).withheld).toHaveLength(1);
    await give('ministry', 'wire:later', ['registered', 'medical']);
    const withheld = async () => (await askOwn(query, { as: 'wire:later' })).withheld;
    await expect.poll(withheld, { timeout: 20_000, interval: 250 }).toEqual([]);
    expect(crossed()).toContain('statedCause');
  });
});

describe('a filter by what may not be seen is refused before anything is fetched', () => {
  beforeAll(async () => {
    await give('ministry', 'wire:registered', ['registered']);
  });

  it.each([
    { how: 'as a literal', query: '{ deathCertificates(filter: { name: "SECRET" }) { totalCount } }' },
    {
      how: 'under an alias',
      query:
        '{ all: deathCertificates { totalCount } some: deathCertificates(filter: { name: "SECRET" }) { totalCount } }',
    },
    {
      how: 'for the count alone',
      query: '{ deathCertificates(filter: { mother: null, name: "SECRET" } ) { totalCount } }',
      wrong: true,
    },
    {
      how: 'beside one that may be used',
      query: '{ deathCertificates(filter: { disputed: false, name: "SECRET" }) { totalCount } }',
    },
    {
      how: 'in a variable',
      query: 'query ($name: String) { deathCertificates(filter: { name: $name }) { totalCount } }',
      variables: { name: 'SECRET' },
    },
    {
      how: 'in a variable that holds the whole filter',
      query: 'query ($filter: DeathCertificateFilter) { deathCertificates(filter: $filter) { totalCount } }',
      variables: { filter: { name: 'SECRET' } },
    },
    {
      how: 'in the default of a variable',
      query: 'query ($name: String = "SECRET") { deathCertificates(filter: { name: $name }) { totalCount } }',
    },
    {
      how: 'in the default of a variable that holds the whole filter',
      query:
        'query ($filter: DeathCertificateFilter = { name: "SECRET" }) { deathCertificates(filter: $filter) { totalCount } }',
    },
    {
      how: 'in a fragment',
      query: '{ ...part } fragment part on Query { deathCertificates(filter: { name: "SECRET" }) { nodes { id } } }',
    },
    { how: 'by the empty text', query: '{ deathCertificates(filter: { name: "" }) { totalCount } }' },
  ])('$how', async ({ query, variables, wrong }) => {
    const answer = await askOwn(query, { as: 'wire:registered', ...(variables && { variables }) });
    expect(answer.status).toBe(wrong ? 400 : 403);
    expect(answer.errors).toMatchObject([
      { extensions: { code: wrong ? 'GRAPHQL_VALIDATION_FAILED' : 'FILTER_WITHHELD' } },
    ]);
    expect(answer.data).toBeUndefined();
    expect(operations()).toEqual([]);
    expect(answer.text).not.toContain('SECRET');
  });

  it.each([
    { how: 'null', query: '{ deathCertificates(filter: { name: null }) { totalCount } }' },
    {
      how: 'a variable without a value',
      query: 'query ($name: String) { deathCertificates(filter: { name: $name }) { totalCount } }',
    },
    {
      how: 'not asked for',
      query:
        '{ deathCertificates { totalCount } some: deathCertificates(filter: { name: "x" }) @skip(if: true) { totalCount } }',
    },
  ])('but one that is $how filters nothing', async ({ query }) => {
    const answer = await askOwn(query, { as: 'wire:registered' });
    expect(answer.status).toBe(200);
    expect(answer.data.deathCertificates.totalCount).toBeGreaterThan(500);
  });
});

describe('credentials', () => {
  const query = `{ person(id: "${TOLD}") { id missingPersonReports { totalCount } deathCertificates { totalCount } depictedBodies { totalCount } } }`;

  it('of the user never reach a custodian', async () => {
    const token = await accessToken('wire:half');
    await askOwn(query, { token });
    expect(new Set(operations().map(({ custodian }) => custodian))).toEqual(new Set(CUSTODIANS));
    expect(crossed()).not.toContain(token);
    expect(crossed()).not.toContain(token.split('.')[2]);
  });

  it('for one custodian never reach another, and are for that custodian alone', async () => {
    await askOwn(query, { token: await accessToken('wire:half') });
    const seen = new Map<string, Set<Custodian>>();
    for (const { custodian, headers } of everything()) {
      const [token, context] = [
        String(headers['authorization']).replace(/^Bearer /u, ''),
        String(headers['amana-context']),
      ];
      for (const credential of [token, context])
        seen.set(credential, (seen.get(credential) ?? new Set()).add(custodian));
      expect(decodeJwt(token)).toMatchObject({ aud: `urn:amana:custodian:${custodian}`, sub: 'wire:half' });
      const claims = decodeJwt(context);
      expect(claims).toMatchObject({
        aud: `urn:amana:custodian:${custodian}`,
        sub: 'wire:half',
        purpose: 'IDENTIFICATION',
      });
      expect((claims.exp ?? Infinity) - (claims.iat ?? 0)).toBeLessThanOrEqual(60);
    }
    expect(seen.size).toBe(6);
    for (const holders of seen.values()) expect(holders.size).toBe(1);
  });

  it('of one viewer are never used for another', async () => {
    await Promise.all(
      Array.from({ length: 12 }, (_, index) => askOwn(query, { as: index % 2 === 0 ? 'wire:half' : 'wire:whole' })),
    );
    const byRequest = Map.groupBy(everything(), ({ headers }) => String(headers['amana-request-id']));
    expect(byRequest.size).toBe(12);
    for (const requests of byRequest.values()) {
      const subjects = requests.flatMap(({ headers }) => [
        decodeJwt(String(headers['authorization']).replace(/^Bearer /u, '')).sub,
        decodeJwt(String(headers['amana-context'])).sub,
      ]);
      expect(new Set(subjects).size).toBe(1);
    }
  });

  it('carry the purpose and its reference inside the signed context, and no header says them otherwise', async () => {
    await askOwn(query, { purpose: 'IDENTIFICATION; ref="A-17/2026"' });
    for (const { headers } of operations()) {
      expect(decodeJwt(String(headers['amana-context']))).toMatchObject({
        purpose: 'IDENTIFICATION',
        ref: 'A-17/2026',
      });
      const { 'amana-context': _, ...others } = headers;
      expect(JSON.stringify(others)).not.toMatch(/IDENTIFICATION|A-17/u);
    }
  });
});

describe('the gateway’s own writings', () => {
  it('hold no name, reference, person or alias of a request, whatever becomes of it', async () => {
    const words = [
      'عبدالقادر-المطلوب',
      'R-9999-SOUGHT',
      'psn_5ec2e75ec2e75ec2e75e',
      'alias_of_a_person',
      'FILE-OF-MINE',
      'wire:half',
    ];
    const [name, reference, person, alias, file] = words;
    const purpose = `IDENTIFICATION; ref="${file}"`;
    const queries = [
      `{ ${alias}: deathCertificates(filter: { name: "${name}" }) { nodes { ${alias}: statedCause } } }`,
      `{ missingPersonReports(filter: { reference: "${reference}" }) { nodes { name { asWritten } } } person(id: "${person}") { id } }`,
      `query ${alias} { person(id: "${person}") { id name } }`,
      `{ person(id: ["${person}", 7]) { id } }`,
      `{ deathCertificates(filter: { name: "${name}", disputed: "${reference}" }) { totalCount } }`,
      `{ deathCertificates(first: 9000, filter: { name: "${name}" }) { totalCount } }`,
      `{ deathCertificates(after: "${name}") { nodes { id } } }`,
      `{ links(filter: { person: "${person}" }) { totalCount } }`,
      `{ person(id: "${person}) { id } }`,
    ];
    const answers = [];
    for (const query of queries) answers.push(await askOwn(query, { purpose }));
    answers.push(
      await askOwn('query ($id: ID!) { person(id: $id) { id } }', { purpose, variables: { id: { of: person } } }),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 400, 400, 400, 400, 200, 200, 400, 400]);

    const written = readFileSync(join(gateway.log, 'gateway.jsonl'), 'utf8');
    const told = readFileSync(join(federation.directory, 'logs', `${basename(gateway.log)}.log`), 'utf8');
    expect(logEntries(gateway.log).length).toBeGreaterThan(queries.length);
    for (const word of words) {
      expect(written).not.toContain(word);
      expect(told).not.toContain(word);
    }
  });

  it('hold nothing of the records that it passed on', async () => {
    const query = `{ person(id: "${TOLD}") { deathCertificates { nodes { id reference name { asWritten } mother statedCause } } } }`;
    const answer = await askOwn(query, { as: 'wire:whole' });
    const [{ id, reference, name, mother, statedCause }] = answer.data.person.deathCertificates.nodes;
    const written = readFileSync(join(gateway.log, 'gateway.jsonl'), 'utf8');
    expect(written).toContain('DeathCertificate.statedCause');
    for (const text of [id, reference, name.asWritten, mother, statedCause]) expect(written).not.toContain(text);
  });
});

describe('the number of calls', () => {
  const query = `query ($n: Int!) {
    identificationDecisions(first: $n) {
      nodes {
        id
        person {
          deathCertificates(first: 3) { nodes { id } }
          custodyTransfers(first: 3) { nodes { id } }
          depictedBodies(first: 3) { nodes { id photographs(first: 3) { nodes { id } } } }
        }
      }
    }
  }`;

  it('to custodians does not grow with the number of records', async () => {
    const calls: number[] = [];
    const found: number[] = [];
    for (const n of [3, 20, 60]) {
      for (const gate of Object.values(gates)) gate.clear();
      const answer = await askOwn(query, { variables: { n } });
      expect(answer.errors).toEqual([]);
      found.push(answer.custodians.reduce((sum, { records }) => sum + records, 0));
      calls.push(operations().length);
    }
    expect(found[2]).toBeGreaterThan(10 * found[0]!);
    expect(new Set(calls)).toEqual(new Set([3]));
  });

  it('asks each custodian at most once what it grants', async () => {
    await give('ministry', 'wire:once', ['registered', 'identifying']);
    await give('missing', 'wire:once', ['registered', 'identifying']);
    await askOwn(
      `{ a: person(id: "${TOLD}") { ...p } b: person(id: "${TOLD}") { ...p } } fragment p on Person { id deathCertificates { totalCount } }`,
      { as: 'wire:once' },
    );
    const questions = everything().filter(({ path }) => path === '/access');
    expect(questions.map(({ custodian }) => custodian).toSorted()).toEqual(['ministry', 'missing']);
  });

  it('leaves custodians alone of which nothing is asked', async () => {
    await askOwn('{ collections { totalCount } }');
    expect(new Set(everything().map(({ custodian }) => custodian))).toEqual(new Set(['ngo-a']));
  });
});
