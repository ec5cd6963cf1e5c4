import fc from 'fast-check';
import { type GraphQLSchema, buildASTSchema, parse, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import { judgeHost, readContract } from '../../src/gateway/compose/host-contract.ts';
import { CONTRACT, IDENTIFYING, LINKS, REGISTERED, changed } from './contract.ts';
import { type Pick, changedOnce, queryOf } from './random-host.ts';

const served = { subgraph: 'ngo', url: '', sdl: CONTRACT };
const contract = readContract(served);

const judged = (sdl: string, former?: string) =>
  judgeHost({ contract: served, sdl, inForce: former === undefined ? undefined : { sdl: former, gone: [] } });

/** What keeps a host from being admitted, each with the check that found it. */
const refused = (sdl: string): string[] =>
  judged(sdl).checks.flatMap(({ id, finding, findings }) =>
    finding === 'REFUSES' ? findings.map(({ message }) => `${id}: ${message}`) : [],
  );

const lacked = (sdl: string): string[] => {
  expect(refused(sdl)).toEqual([]);
  return [...judged(sdl).lacks];
};

const fieldsOf = (type: string, ...names: string[]): string[] => [type, ...names.map((name) => `${type}.${name}`)];

test('a host that serves the contract itself is admitted and lacks nothing', () => {
  expect(refused(CONTRACT)).toEqual([]);
  expect(lacked(CONTRACT)).toEqual([]);
});

describe('a host that guards less than the contract is not admitted', () => {
  test.each<[string, string, RegExp]>([
    [
      'a field',
      changed(`place: String ${IDENTIFYING}`, 'place: String'),
      /Photograph\.place needs ngo:identifying by the contract and would need nothing/u,
    ],
    [
      'a field, by another scope',
      changed(`place: String ${IDENTIFYING}`, `place: String ${REGISTERED}`),
      /Photograph\.place needs .* would need ngo:registered/u,
    ],
    [
      'a field, by one of two',
      changed(
        `place: String ${IDENTIFYING}`,
        'place: String @requiresScopes(scopes: [["ngo:identifying"], ["ngo:registered"]])',
      ),
      /Photograph\.place needs/u,
    ],
    [
      'a field, by signing in',
      changed(`place: String ${IDENTIFYING}`, 'place: String @federation__authenticated'),
      /Photograph\.place needs/u,
    ],
    ['a type', changed(`implements Paper ${IDENTIFYING}`, 'implements Paper'), /Verdict needs/u],
    [
      'an input field',
      changed('kind: Kind @guardedBy(field: "Photograph.kind")', 'kind: Kind'),
      /PhotographFilter\.kind is guarded by Photograph\.kind in the contract/u,
    ],
    [
      'an input field, by another',
      changed('kind: Kind @guardedBy(field: "Photograph.kind")', 'kind: Kind @guardedBy(field: "Photograph.id")'),
      /PhotographFilter\.kind/u,
    ],
    [
      'an argument',
      changed('@inaccessible @guardedBy(field: "PhotographEdge.sortKey")', '@inaccessible'),
      /Query\.photographs\(afterRecord:\) is guarded by PhotographEdge\.sortKey/u,
    ],
    ['by a directive of its own of that name', CONTRACT.replace('"@requiresScopes", ', ''), /Photograph\.place needs/u],
  ])('%s', (_, sdl, message) => {
    expect(refused(sdl)).toContainEqual(expect.stringMatching(new RegExp(`^contract-guards: ${message.source}`, 'u')));
  });

  test.each<[string, string]>([
    [
      'more is needed',
      changed(
        `place: String ${IDENTIFYING}`,
        'place: String @requiresScopes(scopes: [["ngo:identifying", "ngo:sealed"]])',
      ),
    ],
    [
      'the guards have another name',
      CONTRACT.replace('"@requiresScopes"', '{ name: "@requiresScopes", as: "@needs" }').replaceAll(
        '@requiresScopes(',
        '@needs(',
      ),
    ],
    [
      'the filters’ guards have another name',
      CONTRACT.replace('"@guardedBy"', '{ name: "@guardedBy", as: "@reads" }').replaceAll('@guardedBy(', '@reads('),
    ],
    ['the type is guarded in the place of its field', changed('type Counts {', `type Counts ${REGISTERED} {`)],
    [
      'it has no such type',
      changed('union Thing = Photograph | Verdict', 'union Thing = Photograph').replace(/type Verdict .*\n/u, ''),
    ],
    [
      'what it has beyond is open',
      `${changed('place: String', 'remark: String place: String')} extend type Query { open: String }`,
    ],
    [
      'a filter is guarded by one more',
      changed('kind: Kind @guardedBy(', 'kind: Kind @guardedBy(field: "Photograph.id") @guardedBy('),
    ],
  ])('and is where %s', (_, sdl) => {
    expect(refused(sdl)).toEqual([]);
  });
});

describe('what cannot be looked at is not admitted', () => {
  test.each<[string, string, RegExp]>([
    ['no schema language', 'type Query {', /^readable: ngo: its schema is not GraphQL/u],
    ['too long', `${CONTRACT}${'# '.repeat(150_000)}`, /^readable: its schema is too large/u],
    ['too deep', `type Query { a: ${'['.repeat(60_000)}Int${']'.repeat(60_000)} }`, /^readable: /u],
    ['without Federation', CONTRACT.replace(LINKS, ''), /^federation-2: /u],
    [
      'large guards',
      changed(`place: String ${IDENTIFYING}`, `place: String @requiresScopes(scopes: [${'["a"],'.repeat(20)}])`),
      /^small-guards: /u,
    ],
    [
      'many implementations',
      `${CONTRACT} ${Array.from({ length: 40 }, (_, i) => `interface I${i} { a: Int }`).join(' ')} ${Array.from({ length: 40 }, (_, i) => `type T${i} implements ${Array.from({ length: 40 }, (_, j) => `I${j}`).join(' & ')} { a: Int }`).join(' ')}`,
      /^few-possible-types: /u,
    ],
  ])('%s', (_, sdl, message) => {
    expect(refused(sdl)).toEqual([expect.stringMatching(message)]);
    expect([...judged(sdl).lacks]).toEqual([]);
  });
});

test('what guards less than the host itself did, and no less than the contract, is to be confirmed', () => {
  const former = changed(
    `place: String ${IDENTIFYING}`,
    'place: String @requiresScopes(scopes: [["ngo:identifying", "ngo:sealed"]])',
  );
  const found = judged(CONTRACT, former).checks.filter(({ outcome }) => outcome === 'FOUND');
  expect(found.map(({ id, finding }) => [id, finding])).toEqual([['guards-kept', 'CONFIRMED']]);
});

describe('what a host lacks is told field by field', () => {
  test.each<[string, string, readonly string[]]>([
    ['a field', changed(/place: .*\n/u, ''), ['Photograph.place']],
    ['a field that answers another type', changed('place: String', 'place: Int'), ['Photograph.place']],
    ['a field that may answer null', changed('names: [String!]!', 'names: [String!]'), ['Archive.names']],
    ['a list that may hold null', changed('names: [String!]!', 'names: [String]!'), ['Archive.names']],
    ['a field that answers one for many', changed('names: [String!]!', 'names: String!'), ['Archive.names']],
    ['nothing, where a field always answers', changed('least: Int @g', 'least: Int! @g'), []],
    ['an argument', changed('facilities(kind: Kind)', 'facilities'), ['Query.facilities(kind:)']],
    [
      'an argument that takes another type',
      changed('facilities(kind: Kind)', 'facilities(kind: String)'),
      ['Query.facilities(kind:)'],
    ],
    [
      'an argument that may not be null',
      changed('facilities(kind: Kind)', 'facilities(kind: Kind! = PRISON)'),
      ['Query.facilities(kind:)'],
    ],
    [
      'a field whose argument it demands',
      changed('facilities(kind: Kind)', 'facilities(kind: Kind!)'),
      ['Query.facilities', 'Query.facilities(kind:)'],
    ],
    [
      'a field that demands one more argument',
      changed('facilities(kind: Kind)', 'facilities(kind: Kind, year: Int!)'),
      ['Query.facilities'],
    ],
    [
      'nothing, where one more argument may be left out',
      changed('facilities(kind: Kind)', 'facilities(kind: Kind, year: Int, n: Int! = 1)'),
      [],
    ],
    ['nothing, where an argument may be null', changed('photograph(id: ID!)', 'photograph(id: ID)'), []],
    [
      'a field without an argument that the contract demands',
      changed('photograph(id: ID!)', 'photograph'),
      ['Query.photograph', 'Query.photograph(id:)'],
    ],
    ['an input field', changed(/kind: Kind @guarded.*\n/u, ''), ['PhotographFilter.kind']],
    [
      'an input field that takes another type',
      changed('input DateRange { from: String', 'input DateRange { from: Int'),
      ['DateRange.from'],
    ],
    [
      'an input type that demands one more',
      changed('input DateRange {', 'input DateRange { zone: String!'),
      ['PhotographFilter.taken', ...fieldsOf('DateRange', 'from', 'to')],
    ],
    ['nothing, where an input type has one more', changed('input DateRange {', 'input DateRange { zone: String'), []],
    ['an enum value', changed('enum Kind { PRISON HOSPITAL }', 'enum Kind { PRISON }'), ['Kind.HOSPITAL']],
    ['nothing, where an enum has one more', changed('enum Kind { PRISON', 'enum Kind { CAMP PRISON'), []],
    [
      'a type',
      changed(/type PartialDate .*\n/u, '').replaceAll(/\w+: PartialDate( @\w+\(.*?\))*/gu, ''),
      ['Archive.first', 'PersonEvent.at', ...fieldsOf('PartialDate', 'value', 'isExact'), 'Photograph.takenOn'],
    ],
    [
      'a type of another kind',
      changed('type Counts {', 'interface Counts {'),
      ['Archive.counts', ...fieldsOf('Counts', 'bodies'), 'Person.counts'],
    ],
    [
      'an enum',
      changed('enum Unit { CM INCH }', 'scalar Unit'),
      ['Photograph.size(unit:)', ...fieldsOf('Unit', 'CM', 'INCH')],
    ],
    [
      'one of two types of a union',
      changed('union Thing = Photograph | Verdict', 'union Thing = Photograph').replace(/type Verdict .*\n/u, ''),
      fieldsOf('Verdict', 'id', 'title', 'text'),
    ],
    [
      'a union that has not the types that it has',
      changed('union Thing = Photograph | Verdict', 'union Thing = Photograph'),
      ['Query.things', 'Thing'],
    ],
    [
      'nothing, where a union has one more',
      `${changed('union Thing = Photograph', 'union Thing = Note | Photograph')} type Note { text: String }`,
      [],
    ],
    [
      'an interface that a type has not',
      changed('type Photograph implements Paper', 'type Photograph'),
      ['Query.papers', ...fieldsOf('Paper', 'title')],
    ],
    [
      'a key',
      changed(' @key(fields: "number")', ''),
      ['Query.person', ...fieldsOf('Person', 'id', 'number', 'photographs', 'events', 'counts'), 'Photograph.person'],
    ],
    [
      'a key that is not answered',
      changed('@key(fields: "number")', '@key(fields: "number", resolvable: false)'),
      ['Query.person', ...fieldsOf('Person', 'id', 'number', 'photographs', 'events', 'counts'), 'Photograph.person'],
    ],
    [
      'a list’s sort key',
      changed(/sortKey: String @ina.*\n/u, ''),
      ['Query.photographs', 'Person.photographs', 'PhotographEdge.sortKey'],
    ],
    [
      'a list’s record ids',
      changed(/recordId: .*\n/u, ''),
      ['Query.photographs', 'Person.photographs', 'PhotographEdge.recordId'],
    ],
    [
      'one list’s position',
      changed(/afterRecord: ListPosition[^,]*, /u, ''),
      ['Query.photographs', 'Query.photographs(afterRecord:)'],
    ],
  ])('%s', (_, sdl, lacks) => {
    expect(lacked(sdl)).toEqual(lacks);
  });

  test('everything, where it serves something else', () => {
    const sdl = `${LINKS} type Query { other: String ${REGISTERED} }`;
    const ofAll = contract.schema.elements
      .filter(
        ({ kind, coordinate }) => kind !== 'argument' && coordinate !== 'Query' && !coordinate.startsWith('GatherRule'),
      )
      .map(({ coordinate }) => coordinate);
    expect(lacked(sdl)).toEqual(ofAll);
  });
});

const schemaOf = (sdl: string): GraphQLSchema =>
  buildASTSchema(parse(sdl), { assumeValid: true, assumeValidSDL: true });
const CONTRACT_SCHEMA = schemaOf(CONTRACT);
const faults = (schema: GraphQLSchema, query: string): readonly string[] =>
  validate(schema, parse(query)).map(({ message }) => message);

test('whatever a host has changed, all that it does not lack can be asked of it', () => {
  fc.assert(
    fc.property(fc.gen(), fc.integer({ min: 1, max: 4 }), (gen, times) => {
      const pick: Pick = (items) => items[gen(fc.nat, items.length - 1)]!;
      let sdl = CONTRACT;
      for (let time = 0; time < times; time++) sdl = changedOnce(sdl, pick);
      const query = queryOf(CONTRACT_SCHEMA, judged(sdl).lacks, pick) ?? '{ __typename }';
      expect(faults(CONTRACT_SCHEMA, query)).toEqual([]);
      expect(faults(schemaOf(sdl), query)).toEqual([]);
    }),
    { numRuns: 400, seed: 1 },
  );
});
