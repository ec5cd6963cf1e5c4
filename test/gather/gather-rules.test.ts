import fc from 'fast-check';
import { Kind, parse, print } from 'graphql';
import { describe, expect, test } from 'vitest';
import { parseSubgraphSchema } from '../../src/gateway/compose/subgraph-schema.ts';
import { type GatherRules, deriveGatherRules } from '../../src/gateway/gather/gather-rules.ts';
import { CONTRACT, changed } from './contract.ts';

const derived = (sdl: string) => deriveGatherRules(parseSubgraphSchema({ subgraph: 'ngo', url: '', sdl }));

function rulesOf(sdl = CONTRACT): GatherRules {
  const found = derived(sdl);
  expect(found).toHaveProperty('rules');
  if ('faults' in found) throw new Error(found.faults.join('\n'));
  return found.rules;
}

function faultsOf(sdl: string): readonly string[] {
  const found = derived(sdl);
  return 'faults' in found ? found.faults : [];
}

describe('the rule of a field follows from the contract', () => {
  test.each<[string, string, string | undefined]>([
    ['Query', 'photographs', 'PAGES'],
    ['Query', 'photograph', 'FIRST'],
    ['Query', 'facilities', 'CONCATENATE'],
    ['Query', 'things', 'CONCATENATE'],
    ['Query', 'archive', 'OBJECT'],
    ['Query', 'status', 'ROUTED'],
    ['Query', 'newest', 'FIRST'],
    ['Query', 'person', 'OBJECT'],
    ['Query', '__typename', 'SAME'],
    ['Archive', 'size', 'SUM'],
    ['Archive', 'weight', 'MAX'],
    ['Archive', 'least', 'MIN'],
    ['Archive', 'kind', 'FIRST'],
    ['Archive', 'first', 'FIRST'],
    ['Archive', 'names', 'CONCATENATE'],
    ['Archive', 'part', 'OBJECT'],
    ['Archive', 'counts', 'OBJECT'],
    ['Counts', 'bodies', 'SUM'],
    ['Person', 'id', 'SAME'],
    ['Person', 'number', 'SAME'],
    ['Person', 'photographs', 'PAGES'],
    ['Person', 'events', 'CONCATENATE'],
    ['Person', 'counts', 'OBJECT'],
    ['Photograph', 'title', undefined],
    ['Photograph', 'details', undefined],
    ['Photograph', 'person', undefined],
    ['PersonEvent', 'at', undefined],
    ['PartialDate', 'value', undefined],
    ['Status', 'state', undefined],
    ['Nothing', 'atAll', undefined],
  ])('%s.%s: %s', (type, field, rule) => {
    expect(rulesOf().ruleOf(type, field)).toBe(rule);
  });

  test('a field with an argument custodian is known as one, and others are not', () => {
    const rules = rulesOf();
    expect(['status', 'newest', 'person'].map((field) => rules.takesCustodian('Query', field))).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('an entity is no record, and an object with an id is one', () => {
    const rules = rulesOf();
    expect(['Person', 'Photograph', 'PersonEvent', 'Paper'].map((type) => rules.isEntity(type))).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(['Person', 'Photograph', 'Verdict', 'PersonEvent', 'Paper'].map((type) => rules.isRecord(type))).toEqual([
      false,
      true,
      true,
      false,
      false,
    ]);
  });

  test('an entity whose key is another field is a record where it has an id', () => {
    const rules = rulesOf(`${CONTRACT} type Place @key(fields: "code") { code: ID! id: ID @gather(rule: FIRST) }`);
    expect([rules.isEntity('Place'), rules.isRecord('Place')]).toEqual([true, true]);
  });

  test('an entity that is only referred to is not gathered', () => {
    const rules = rulesOf(`${CONTRACT} type Place @key(fields: "code", resolvable: false) { code: ID! name: String }`);
    expect([rules.isEntity('Place'), rules.ruleOf('Place', 'code')]).toEqual([false, undefined]);
  });

  test('the pages of a field need what they are merged by', () => {
    expect(Object.fromEntries(rulesOf().pages())['Person.photographs']).toEqual([
      'Person.photographs(first:)',
      'Person.photographs(after:)',
      'Person.photographs(afterRecord:)',
      'ListPosition.sortKey',
      'ListPosition.custodian',
      'ListPosition.id',
      'PhotographConnection.edges',
      'PhotographEdge.node',
      'PhotographEdge.cursor',
      'PhotographEdge.sortKey',
      'PhotographEdge.recordId',
      'PhotographConnection.pageInfo',
      'PageInfo.hasNextPage',
      'PageInfo.endCursor',
    ]);
  });

  test('whatever @gather is called, and where its definition says what it is', () => {
    const renamed = CONTRACT.replace('"@gather"', '{ name: "@gather", as: "@merge" }').replaceAll(
      '@gather(',
      '@merge(',
    );
    expect(rulesOf(renamed).ruleOf('Archive', 'size')).toBe('SUM');
    const prefixed = CONTRACT.replace('"@gather", ', '').replaceAll('@gather(', '@access__gather(');
    expect(rulesOf(prefixed).ruleOf('Archive', 'size')).toBe('SUM');
    const defined = changed('"@gather", "GatherRule", ', '');
    expect(rulesOf(defined).ruleOf('Archive', 'size')).toBe('SUM');
    const undefinedToo = changed(/directive @gather.*\n/u, '', defined);
    expect(faultsOf(undefinedToo)).toContainEqual(
      expect.stringMatching(/^Archive\.size: hosts may answer it differently/u),
    );
    const others = CONTRACT.replace('"@gather", ', '').replace(
      '@composeDirective(name',
      '@link(url: "https://example.org/other/v1.0", import: ["@gather"]) @composeDirective(name',
    );
    expect(faultsOf(others)).toContainEqual(expect.stringMatching(/^Archive\.size: /u));
  });
});

const withField = (field: string, more = ''): string => changed('type Query {', `${more} type Query { ${field}`);

describe('a field whose rule cannot be told is named, with what to write', () => {
  test.each<[string, string, RegExp]>([
    [
      'a single text',
      withField('motto: String'),
      /^Query\.motto: hosts may answer it differently; write @gather with FIRST/u,
    ],
    ['a number', withField('n: Int!'), /^Query\.n: .* write @gather with SUM, MIN, MAX or FIRST/u],
    ['an enum', withField('k: Kind'), /^Query\.k: hosts may/u],
    ['a value of an entity', changed('number: String!', 'number: String! age: Int'), /^Person\.age: hosts may/u],
    [
      'a value reached field by field',
      changed('counts: Counts\n}', 'counts: Counts when: Status }'),
      /^Status\.state: .* write @gather with FIRST, or FIRST on the field that returns Status/u,
    ],
    ['a record', withField('one: Photograph'), /^Query\.one: Photograph is a record.*FIRST/u],
    ['an interface', withField('paper: Paper'), /^Query\.paper: hosts may answer it with different types/u],
    ['a union', withField('thing: Thing'), /^Query\.thing: hosts may answer it with different types/u],
    ['the sum of texts', withField('t: String @gather(rule: SUM)'), /^Query\.t: SUM is of numbers/u],
    ['the least of enums', withField('t: Kind @gather(rule: MIN)'), /^Query\.t: MIN is of numbers/u],
    ['the sum of objects', withField('t: Counts @gather(rule: SUM)'), /^Query\.t: SUM is of numbers/u],
    ['a rule on a list', withField('t: [Int] @gather(rule: SUM)'), /^Query\.t: @gather says nothing on a list/u],
    [
      'a rule on a connection',
      changed('PhotographConnection @req', 'PhotographConnection @gather(rule: FIRST) @req'),
      /^Query\.photographs: @gather says nothing on a connection/u,
    ],
    [
      'a rule on a key',
      changed('number: String!', 'number: String! @gather(rule: FIRST)'),
      /^Person\.number: @gather says nothing on a key/u,
    ],
    [
      'a rule on what goes to one host',
      changed('status(custodian: ID!): Status', 'status(custodian: ID!): Status @gather(rule: FIRST)'),
      /^Query\.status: @gather says nothing on a field that goes to one host/u,
    ],
    [
      'a rule below a record',
      changed('takenOn: PartialDate', 'takenOn: PartialDate @gather(rule: FIRST)'),
      /^Photograph\.takenOn: .* Photograph is one host's alone/u,
    ],
    [
      'a rule on an interface',
      changed('interface Paper { title: String', 'interface Paper { title: String @gather(rule: FIRST)'),
      /^Paper\.title: .* interface/u,
    ],
    ['two rules', withField('t: Int @gather(rule: SUM) @gather(rule: MAX)'), /^Query\.t: .* more than one @gather/u],
    ['no such rule', withField('t: Int @gather(rule: MEAN)'), /^Query\.t: .* names no rule/u],
    ['a custodian that is none', withField('t(custodian: Int!): Int'), /^Query\.t: its argument custodian/u],
    ['several custodians', withField('t(custodian: [ID!]!): Int'), /^Query\.t: its argument custodian/u],
    ['a custodian that may be left out', withField('t(custodian: ID! = "ngo-a"): Int'), /^Query\.t: hosts may/u],
    [
      'a mutation',
      `${CONTRACT} type Mutation { add: Int @gather(rule: SUM) }`,
      /^Mutation\.add: a mutation goes to one host/u,
    ],
    [
      'a mutation with a custodian that may be left out',
      `${CONTRACT} type Mutation { add(custodian: ID): [Int] }`,
      /^Mutation\.add: a mutation/u,
    ],
    [
      'a key within a field',
      changed('fields: "number"', 'fields: "number { value }"'),
      /^Person: its @key selects within/u,
    ],
    [
      'a key of an interface',
      changed('interface Paper', 'interface Paper @key(fields: "title")'),
      /^Paper: an interface with a @key/u,
    ],
    ['an extension’s field', `${CONTRACT} extend type Query { motto: String }`, /^Query\.motto: /u],
  ])('%s', (_, sdl, fault) => {
    expect(faultsOf(sdl)[0]).toMatch(fault);
  });

  test.each<[string, string, RegExp]>([
    ['first', changed(/first: Int = 20, /u, ''), /write its argument first: Int$/u],
    ['first as one number', changed('first: Int = 20', 'first: [Int]'), /write its argument first: Int$/u],
    ['after', changed('after: String, afterRecord', 'afterRecord'), /write its argument after: String$/u],
    ['afterRecord', changed(/afterRecord: ListPosition[^,]*,/u, ''), /write its argument afterRecord: ListPosition$/u],
    ['edges', changed(/edges: .*\n/u, ''), /write PhotographConnection\.edges: a list of edges$/u],
    [
      'edges that are objects',
      changed('edges: [PhotographEdge!]', 'edges: [Thing!]'),
      /write PhotographConnection\.edges/u,
    ],
    ['pageInfo', changed('pageInfo: PageInfo!', ''), /write PhotographConnection\.pageInfo: PageInfo!/u],
    ['node', changed('node: Photograph', 'row: Photograph'), /write PhotographEdge\.node/u],
    ['cursor', changed('cursor: String!', ''), /write PhotographEdge\.cursor: String!/u],
    ['sortKey', changed(/sortKey: String @ina/u, 'sortKey: Int @ina'), /write PhotographEdge\.sortKey: String$/u],
    ['recordId', changed(/recordId: .*\n/u, ''), /write PhotographEdge\.recordId: ID/u],
    ['hasNextPage', changed('hasNextPage: Boolean!', ''), /write PageInfo\.hasNextPage/u],
    ['endCursor', changed('endCursor: String }', '}'), /write PageInfo\.endCursor/u],
    [
      'a whole position',
      changed('sortKey: String! custodian', 'custodian'),
      /write input ListPosition \{ sortKey: String! custodian: String! id: ID! \}/u,
    ],
    [
      'no more of a position',
      changed('input ListPosition @inaccessible {', 'input ListPosition { more: Int!'),
      /write input ListPosition/u,
    ],
    ['no page backwards', changed('(first: Int', '(last: Int, first: Int'), /leave out its argument last/u],
    ['nothing beside its pages', changed('totalCount: Int', 'total: Int'), /leave out PhotographConnection\.total/u],
  ])('a connection needs %s', (_, sdl, fault) => {
    expect(faultsOf(sdl)).toContainEqual(expect.stringMatching(/^Query\.photographs: its pages cannot be merged: /u));
    expect(faultsOf(sdl)).toContainEqual(expect.stringMatching(fault));
  });

  test('each of them', () => {
    expect(faultsOf(withField('a: String b: [Int] c: Photograph d: Int')).map((fault) => fault.split(':')[0])).toEqual([
      'Query.a',
      'Query.c',
      'Query.d',
    ]);
  });
});

const wrapped = (type: string) => fc.constantFrom(type, `${type}!`, `[${type}]`, `[${type}!]!`);
const returned = fc
  .constantFrom(
    'Int',
    'Float',
    'String',
    'ID',
    'Kind',
    'Counts',
    'Archive',
    'Facility',
    'Person',
    'Photograph',
    'Thing',
  )
  .chain(wrapped);
const fields = fc.array(
  fc.record({
    type: returned,
    custodian: fc.constantFrom('', '(custodian: ID)', '(custodian: ID!)', '(custodian: [ID!]!)', '(kind: Kind)'),
    rule: fc.constantFrom('', '', '@gather(rule: SUM)', '@gather(rule: FIRST)', '@gather(rule: MAX)'),
  }),
  { minLength: 1, maxLength: 6 },
);
const written = (given: readonly { type: string; custodian: string; rule: string }[]): string =>
  given.map(({ type, custodian, rule }, index) => `f${index}${custodian}: ${type} ${rule}`).join('\n');

describe('whatever a contract says', () => {
  test('each field of Query and of an entity has a rule or is named, and not both', () => {
    fc.assert(
      fc.property(fields, fields, (onQuery, onPerson) => {
        const schema = `${CONTRACT} extend type Query { ${written(onQuery)} } extend type Person { ${written(onPerson)} }`;
        const found = derived(schema);
        const named = new Set('faults' in found ? found.faults.map((fault) => fault.split(':')[0]) : []);
        const rest = [
          ...onQuery.map((one, index) => ['Query', index, one] as const),
          ...onPerson.map((one, index) => ['Person', index, one] as const),
        ];
        for (const [type, index, one] of rest) {
          const coordinate = `${type}.f${index}`;
          if ('rules' in found) expect(found.rules.ruleOf(type, `f${index}`)).toBe(expected(one));
          else expect([coordinate, named.has(coordinate)]).toEqual([coordinate, expected(one) === undefined]);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('the order of its definitions is no matter', () => {
    const { definitions } = parse(CONTRACT);
    fc.assert(
      fc.property(fc.shuffledSubarray([...definitions], { minLength: definitions.length }), (shuffled) => {
        const [one, other] = [rulesOf(print({ kind: Kind.DOCUMENT, definitions: shuffled })), rulesOf()];
        expect(Object.fromEntries(one.pages())).toEqual(Object.fromEntries(other.pages()));
        for (const type of ['Query', 'Archive', 'Person', 'Photograph', 'PersonEvent', 'Counts'])
          for (const field of ['id', 'size', 'part', 'counts', 'bodies', 'events', 'photographs', 'title', 'person'])
            expect([type, field, one.ruleOf(type, field)]).toEqual([type, field, other.ruleOf(type, field)]);
      }),
      { numRuns: 50 },
    );
  });
});

/** The rule of a field, worked out from how it is written; undefined where it cannot be told. */
function expected({ type, custodian, rule }: { type: string; custodian: string; rule: string }): string | undefined {
  const declared = /rule: (\w+)/u.exec(rule)?.[1];
  if (custodian.includes('[')) return undefined;
  if (custodian.endsWith('!)')) return declared ? undefined : 'ROUTED';
  if (type.startsWith('[')) return declared ? undefined : 'CONCATENATE';
  const isNumber = /^(Int|Float)/u.test(type);
  if (declared) return declared === 'FIRST' || isNumber ? declared : undefined;
  // Facility and the like are reached field by field, and named there.
  return /^(Counts|Archive|Facility|Person)/u.test(type) ? 'OBJECT' : undefined;
}
