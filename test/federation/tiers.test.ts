import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type Answer,
  type Custodian,
  type OwnGateway,
  ask,
  askCustodian,
  federation,
  give,
  startGateway,
  withStorage,
} from './harness.ts';
import {
  FIELDS,
  FILTERS,
  HOSTS,
  type Subgraph,
  type TieredField,
  patternOf,
  selectionOf,
  valuesAt,
  wayTo,
} from './printed-schema.ts';
import { type RecordingProxy, recordingProxy } from './recording-proxy.ts';

/** Somebody of whom every custodian holds something, and whose family has been told. */
const PERSON = 'psn_03d0cba4e5f2978fb82b';

/** Columns that no delivery fills, and images, which few photographs have (images.test.ts asks for those). */
const NOT_ALWAYS_FILLED = new Set([
  'Photograph.image',
  ...['FamilyNotification.supportOffered', 'DepictedBody.nameOnLedger', 'CourtFile.status', 'CourtFile.sentence'],
]);

const GUARDED = FIELDS.filter((field): field is TieredField & { scope: string } => field.scope !== undefined);
const SCOPES = [...new Set(GUARDED.map(({ scope }) => scope))];

const gates = {} as Record<Custodian, RecordingProxy>;
let gateway: OwnGateway;

beforeAll(async () => {
  await addUndelivered();
  for (const id of Object.values(HOSTS)) gates[id] = await recordingProxy(federation.custodians[id]);
  const addresses = Object.fromEntries(Object.entries(gates).map(([id, { url }]) => [id, url]));
  gateway = await startGateway(addresses);
});
beforeEach(() => {
  for (const gate of Object.values(gates)) gate.clear();
});
afterAll(async () => {
  await gateway.stop();
  for (const gate of Object.values(gates)) await gate.close();
});

/** One record of each type that no delivery of these custodians brings, so that its fields can be looked at. */
async function addUndelivered(): Promise<void> {
  const name = `'{"asWritten": "somebody"}'`;
  const born = `1, '{}', 'zzz'`;
  const facility = `(select min(code) from facilities)`;
  const consent = `array['AUTHORITY_ONLY']`;
  const date = `'2014', 'STATED', '2014-01-01', '2014-12-31'`;
  const linked = (id: string, type: string, labelSet: string): string =>
    `insert into links (record_id, record_type, person, label_set, source) values ('${id}', '${type}', '${PERSON}', ${labelSet}, 'REGISTER')
      on conflict do nothing`;
  const run = (custodian: Custodian, statements: readonly string[]): Promise<void> =>
    withStorage(custodian, async ({ query }) => {
      for (const sql of statements) await query({ sql, parameters: [] });
    });
  await run('ministry', [
    `insert into detention_orders (id, reference, label_set, labels, sort_key, issued_by, issued_by_as_written, subject, legal_basis,
        date_value, date_basis, date_from, date_to)
      values ('ministry:order', 'O-1', ${born}, ${facility}, 'somewhere', ${name}, 'none', ${date}) on conflict do nothing`,
    `insert into prosecutions (id, reference, label_set, labels, sort_key, status, jurisdiction, accused)
      values ('ministry:prosecution', 'PR-1', ${born}, 'OPEN', 'a court', ${name}) on conflict do nothing`,
    linked('ministry:order', 'DetentionOrder', '1'),
  ]);
  await run('missing', [
    `insert into dna_references (id, reference, label_set, labels, sort_key, report, sample_status)
      select 'missing:sample', 'S-1', ${born}, id, 'TAKEN' from missing_person_reports order by sort_key, id limit 1 on conflict do nothing`,
  ]);
  const consented = `(select id from label_sets where labels = '{CONSENT_LIMITED}' and consent = ${consent})`;
  await run('ngo-a', [
    `insert into label_sets (labels, consent) values ('{CONSENT_LIMITED}', ${consent}) on conflict do nothing`,
    `insert into testimonies (id, reference, label_set, labels, sort_key, witness_pseudonym, summary, consent,
        taken_on_value, taken_on_basis, taken_on_from, taken_on_to)
      select 'ngo-a:testimony', 'TS-1', ${consented}, '{CONSENT_LIMITED}', 'zzz', 'W', 'told', ${consent}, ${date} on conflict do nothing`,
    `insert into verifications (id, reference, label_set, labels, sort_key, status, method, organisation)
      values ('ngo-a:verification', 'V-1', ${born}, 'DONE', 'by hand', 'somebody') on conflict do nothing`,
    linked('ngo-a:testimony', 'Testimony', consented),
  ]);
}

const viewers = new Map<string, Promise<string>>();

/** A viewer whose one grant at each custodian holds these scopes and clears all labels. */
function viewerWith(scopes: readonly string[]): Promise<string> {
  const name = `tiers:${createHash('sha256').update(scopes.toSorted().join()).digest('hex')}`;
  const known = viewers.get(name) ?? giveAll(name, scopes);
  viewers.set(name, known);
  return known;
}

async function giveAll(viewer: string, scopes: readonly string[]): Promise<string> {
  for (const [subgraph, custodian] of Object.entries(HOSTS)) {
    const own = scopes.filter((scope) => scope.startsWith(`${subgraph}:`)).map((scope) => scope.replace(/^.+:/u, ''));
    const more = {
      organisation: 'missing',
      recipientKind: 'AUTHORITY_ONLY',
      clears: ['COORDINATED', 'FAMILY_FIRST', 'CONSENT_LIMITED', 'SEALED'],
    } as const;
    if (own.length > 0) await give(custodian, viewer, own, { ...more, clears: [...more.clears] });
  }
  return viewer;
}

const allBut = (scope: string): Promise<string> => viewerWith(SCOPES.filter((other) => other !== scope));
const only = (way: readonly TieredField[], ...more: string[]): Promise<string> =>
  viewerWith([...new Set([...way.flatMap(({ scope }) => scope ?? []), ...more])]);

/** Pages of a gathered list are merged by where their rows stand, which is of tier R. */
const gatheredBy = (way: readonly TieredField[]): string[] =>
  way.some(({ subgraph }) => subgraph === 'ngo') ? ['ngo:registered'] : [];

/** What a custodian is asked by for a field: of a gathered list's nodes, the nodes of its edges. */
const asked = ({ name, subgraph }: TieredField): RegExp =>
  new RegExp(`\\b${subgraph === 'ngo' && name === 'nodes' ? 'node' : name}\\b`, 'u');

/** The way to a field from the roots of the federation, as far from its own scope as can be. */
function publicWay(field: TieredField, avoided = field.scope): readonly TieredField[] {
  const way = wayTo(field.type, { from: 'Query', through: FIELDS, avoided });
  if (!way) throw new Error(`nothing leads to ${field.coordinate}`);
  return [...way, field];
}

interface DirectQuestion {
  readonly way: readonly TieredField[];
  readonly document: string;
  readonly pattern: (way: readonly TieredField[]) => string[];
}

/** The same at one custodian, where a person can also be brought as a representation. */
function directWay(field: TieredField, avoided = field.scope, put?: Parameters<typeof selectionOf>[2]): DirectQuestion {
  const through = FIELDS.filter(({ subgraph }) => subgraph === field.subgraph);
  const [fromRoot, fromPerson] = ['Query', 'Person'].map((from) => wayTo(field.type, { from, through, avoided }));
  const asRepresentation = !fromRoot || (fromPerson && needs(fromRoot, avoided) && !needs(fromPerson, avoided));
  const way = [...((asRepresentation ? fromPerson : fromRoot) ?? []), field];
  const selection = selectionOf(way, PERSON, put);
  if (!asRepresentation) return { way, document: selection, pattern: patternOf };
  const entities = `_entities(representations: [{ __typename: "Person", id: "${PERSON}" }])`;
  return {
    way,
    document: `${entities} { ... on Person { ${selection} } }`,
    pattern: (part) => ['_entities', '@', ...patternOf(part)],
  };
}

const needs = (way: readonly TieredField[], scope: string | undefined): boolean =>
  way.some((field) => field.scope === scope);

/** The part of a way that ends where a scope is first needed. */
const upTo = (way: readonly TieredField[], scope: string): readonly TieredField[] =>
  way.slice(0, way.findIndex((field) => field.scope === scope) + 1);

const asPattern = (path: readonly (string | number)[] = []): string[] =>
  path.map((key) => (typeof key === 'number' ? '@' : key));

const operationsSentTo = (custodian: Custodian): string[] =>
  gates[custodian].recorded.filter(({ path }) => path.endsWith('/graphql')).map(({ body }) => body);

function expectOpen(answer: Answer, field: TieredField, pattern: readonly string[]): void {
  expect(answer.status).toBe(200);
  expect(answer.errors).toEqual([]);
  const values = valuesAt(answer.data, pattern);
  expect(values).not.toEqual([]);
  if (!NOT_ALWAYS_FILLED.has(field.coordinate)) expect(values.some((value) => value !== null)).toBe(true);
}

function expectNull(answer: Answer, pattern: readonly string[]): void {
  expect(answer.status).toBe(200);
  expect(new Set(valuesAt(answer.data, pattern))).toEqual(new Set([null]));
}

describe('every field needs the scope of its tier, and no other than those on the way to it', () => {
  it.each(GUARDED.filter(({ isHidden }) => !isHidden))('$coordinate of $subgraph, $scope', async (field) => {
    const { scope } = field;
    const way = publicWay(field);
    const cut = upTo(way, scope);
    const document = `{ ${selectionOf(way, PERSON)} }`;

    const closed = await ask(document, { as: await allBut(scope), gateway: gateway.url });
    expectNull(closed, patternOf(cut));
    expect(closed.errors).toEqual([]);
    const { coordinate, subgraph } = cut.at(-1)!;
    const custodian = HOSTS[subgraph];
    expect(closed.withheld).toEqual([
      {
        path: patternOf(cut),
        coordinate,
        custodian,
        requires: [[scope]],
        reason: 'NO_GRANT',
        contact: expect.stringContaining('@'),
      },
    ]);
    expect(operationsSentTo(custodian).join('\n')).not.toMatch(asked(cut.at(-1)!));

    const open = await ask(document, { as: await only(way, ...gatheredBy(way)), gateway: gateway.url });
    expectOpen(open, field, patternOf(way));
    expect(open.withheld).toEqual([]);
    expect(operationsSentTo(HOSTS[field.subgraph]).join('\n')).toMatch(asked(field));
  });
});

describe('a custodian asked past the gateway withholds the same', () => {
  it.each(GUARDED)('$coordinate of $subgraph, $scope', async (field) => {
    const { scope } = field;
    const { way, document, pattern } = directWay(field);
    const cut = upTo(way, scope);
    const custodian = HOSTS[field.subgraph];

    const closed = await askCustodian(custodian, `{ ${document} }`, { as: await allBut(scope) });
    expectNull(closed, pattern(cut));
    expect(closed.errors.length).toBeGreaterThan(0);
    for (const { path, extensions } of closed.errors) {
      expect(extensions.code).toBe('FIELD_WITHHELD');
      expect(asPattern(path)).toEqual(pattern(cut));
    }

    const open = await askCustodian(custodian, `{ ${document} }`, { as: await only(way) });
    expectOpen(open, field, pattern(way));
  });
});

describe('every filter needs the permission of the field that it reads, wherever it can be used', () => {
  const scopeOf = (subgraph: Subgraph, coordinate: string): string => {
    const guard = GUARDED.find((field) => field.subgraph === subgraph && field.coordinate === coordinate);
    if (!guard) throw new Error(`a filter reads ${coordinate}, which has no tier`);
    return guard.scope;
  };
  const lists = ({ subgraph, input }: (typeof FILTERS)[number]): TieredField[] =>
    FIELDS.filter((field) => field.subgraph === subgraph && field.filter === input);

  it.each(FILTERS)('$input $name of $subgraph reads $guard', async (filter) => {
    const scope = scopeOf(filter.subgraph, filter.guard);
    const custodian = HOSTS[filter.subgraph];
    const variables = { sought: filter.value };
    const operation = (selection: string): string => `query ($sought: ${filter.type}) { ${selection} }`;
    expect(lists(filter).length).toBeGreaterThan(0);

    for (const list of lists(filter)) {
      const put = (field: TieredField) => (field === list ? [`filter: { ${filter.name}: $sought }`] : []);
      for (const gate of Object.values(gates)) gate.clear();
      const way = publicWay(list, scope);
      const document = operation(selectionOf(way, PERSON, put));
      const refused = await ask(document, { as: await allBut(scope), gateway: gateway.url, variables });
      if (needs(way, scope)) {
        // Already the list is withheld.
        expectNull(refused, patternOf(upTo(way, scope)));
        expect(operationsSentTo(custodian).join('\n')).not.toContain(list.name);
      } else {
        expect(refused.status).toBe(403);
        expect(refused.data).toBeUndefined();
        expect(refused.errors).toMatchObject([{ extensions: { code: 'FILTER_WITHHELD' } }]);
        expect(refused.withheld).toMatchObject([
          { coordinate: filter.guard, custodian, requires: [[scope]], reason: 'NO_GRANT' },
        ]);
        expect(Object.values(HOSTS).flatMap(operationsSentTo)).toEqual([]);
      }
      const filtered = await ask(document, {
        as: await only(way, scope, ...gatheredBy(way)),
        gateway: gateway.url,
        variables,
      });
      expect(filtered).toMatchObject({ status: 200, errors: [], withheld: [] });
      expect(operationsSentTo(custodian).join('\n')).toContain(filter.name);

      const direct = directWay(list, scope, put);
      const past = await askCustodian(custodian, operation(direct.document), { as: await allBut(scope), variables });
      expect(past.status).toBe(403);
      expect(past.data).toBeUndefined();
      expect(past.errors).toMatchObject([{ extensions: { code: 'FILTER_WITHHELD' } }]);
      const open = await askCustodian(custodian, operation(direct.document), {
        as: await only(direct.way, scope),
        variables,
      });
      expect(open).toMatchObject({ status: 200, errors: [] });
    }
  });
});
