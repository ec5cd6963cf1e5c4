import { composeServices } from '@apollo/composition';
import { printSchema } from 'graphql';
import { CUSTODIAN_SCHEMA_LINKS, GATHER_SDL } from '../../src/protocol/directives.ts';
import { describe, expect, test } from 'vitest';
import { COMPOSITION_RULES } from '../../src/gateway/compose/composition-rules.ts';
import { lostInComposition } from '../../src/gateway/compose/lost-in-composition.ts';
import {
  CompositionError,
  type SubgraphSchema,
  parseSubgraphSchema,
} from '../../src/gateway/compose/subgraph-schema.ts';
import { MINISTRY, MISSING, compose, snapshotOf } from './schemas.ts';

/** Replaces in a schema, and fails where there is nothing to replace. */
function changed(schema: string, from: string, to: string): string {
  expect(schema).toContain(from);
  return schema.replace(from, to);
}

const importing = (name: string): [string, string] => ['"@composeDirective", ', `"@composeDirective", "${name}", `];
const importingToo = (schema: string, name: string): string => changed(schema, ...importing(name));

const linking = (path: string): string => `extend schema @link(url: "https://specs.apollo.dev/${path}")`;

/** The other schema, with types that some of those below define too. */
const OTHER = `${MISSING}
input ReportFilter { name: String }
union Precise = PageInfo
scalar Sex
interface Dated { value: String! }
`;

const guarded = '@requiresScopes(scopes: [["ministry:registered"]])';

/** For each rule the schemas of the Ministry that break it. */
const BREAKING: Readonly<Record<string, readonly string[]>> = {
  'federation-2': [changed(MINISTRY, CUSTODIAN_SCHEMA_LINKS, '')],
  'queries-only': [
    `${MINISTRY} type Mutation { remove: String ${guarded} }`,
    `${MINISTRY} type Subscription { news: String ${guarded} }`,
  ],
  'known-directives': [
    changed(importingToo(MINISTRY, '@override'), 'cause: String @req', 'cause: String @override(from: "missing") @req'),
    changed(importingToo(MINISTRY, '@provides'), 'person: Person @req', 'person: Person @provides(fields: "id") @req'),
    changed(
      MINISTRY.replace('"@composeDirective", ', '"@composeDirective", {name: "@override", as: "@quietly"}, '),
      'cause: String @req',
      'cause: String @quietly(from: "missing") @req',
    ),
    changed(MINISTRY, 'cause: String @req', 'cause: String @federation__override(from: "missing") @req'),
    changed(importingToo(MINISTRY, '@policy'), 'cause: String @req', 'cause: String @policy(policies: [["x"]]) @req'),
    changed(MINISTRY, 'cause: String @req', 'cause: String @federation__policy(policies: [["x"]]) @req'),
    changed(importingToo(MINISTRY, '@tag'), 'value: String! prec', 'value: String! @tag(name: "internal") prec'),
    `${changed(MINISTRY, 'value: String! prec', 'value: String! @inaccessible prec')} ${linking('inaccessible/v0.2')}
      directive @inaccessible on FIELD_DEFINITION`,
    `${MINISTRY} ${linking('cost/v0.1')}`,
    `${changed(MINISTRY, 'cause: String @req', 'cause: String @slow @req')} directive @slow on FIELD_DEFINITION`,
    `${changed(MINISTRY, '@composeDirective(name: "@guardedBy")', '@composeDirective(name: "@guardedBy") @composeDirective(name: "@shown")')}`,
  ],
  'hidden-is-the-gateways': [
    changed(MINISTRY, '  id: ID!\n', '  id: ID! @inaccessible\n'),
    changed(MINISTRY, 'type Person @key(fields: "id")', 'type Person @key(fields: "id") @inaccessible'),
    changed(MINISTRY, 'enum Precision { DAY', 'enum Precision { DAY @inaccessible'),
    changed(MINISTRY, 'input DateRange { from: String', 'input DateRange { from: String @inaccessible'),
    changed(MINISTRY, 'cause: String @req', 'cause: String @inaccessible @req'),
    changed(MINISTRY, 'after: String, filter', 'after: String @inaccessible, filter'),
    changed(
      changed(MINISTRY, '"ListPosition"', '{ name: "ListPosition", as: "Person" }'),
      'type Person @key(fields: "id")',
      'type Person @key(fields: "id") @inaccessible',
    ),
  ],
  'few-possible-types': [
    `${MINISTRY} ${Array.from({ length: 40 }, (_, n) => `interface I${n} { id: ID }`).join(' ')}
      ${Array.from({ length: 26 }, (_, n) => `type Y${n} implements ${Array.from({ length: 40 }, (_, i) => `I${i}`).join(' & ')} { id: ID ${guarded} }`).join(' ')}`,
    `${MINISTRY} ${Array.from({ length: 26 }, (_, n) => `union U${n} = ${Array.from({ length: 40 }, (_, i) => `Y${i}`).join(' | ')}`).join(' ')}
      ${Array.from({ length: 40 }, (_, n) => `type Y${n} { a: ID ${guarded} }`).join(' ')}`,
  ],
  'shared-alike': [
    `${MINISTRY} input ReportFilter { name: String @guardedBy(field: "Certificate.name") }`,
    `${MINISTRY} input ReportFilter { name: String! }`,
    `${MINISTRY} input ReportFilter { name: String = "A" }`,
    changed(MINISTRY, 'enum Precision { DAY YEAR }', 'enum Precision { DAY @deprecated YEAR }'),
    changed(MINISTRY, 'enum Precision { DAY YEAR }', 'enum Precision { DAY MONTH YEAR }'),
    changed(MINISTRY, 'enum Precision { DAY YEAR }', 'enum Precision { DAY }'),
    `${MINISTRY} extend enum Precision { MONTH }`,
    `${MINISTRY} union Precise = Certificate`,
    `${MINISTRY} interface Dated { value: String! precision: Precision! }`,
    `${MINISTRY} enum Sex { M F }`,
    changed(MINISTRY, 'endCursor: String }', 'endCursor: String startCursor: String }'),
    changed(MINISTRY, 'endCursor: String }', 'endCursor(of: String @guardedBy(field: "Certificate.name")): String }'),
    changed(MINISTRY, 'hasNextPage: Boolean! ', ''),
    `${MINISTRY} input ReportFilter @inaccessible { name: String }`,
    changed(MINISTRY, '  id: ID!\n', '  id: ID\n'),
    changed(MINISTRY, '  id: ID!\n', '  id(as: String @guardedBy(field: "Certificate.name")): ID!\n'),
  ],
  'external-keys-only': [
    changed(
      importingToo(MINISTRY, '@external'),
      '  certificates(first: Int = 20): C',
      '  reports: String @external\n  certificates(first: Int = 20): C',
    ),
  ],
  'person-is-the-only-entity': [
    changed(MINISTRY, 'type CourtFile implements Paper {', 'type CourtFile implements Paper @key(fields: "id") {'),
    changed(MINISTRY, 'type Person @key(fields: "id")', 'type Person @key(fields: "id certificates { totalCount }")'),
  ],
  'own-types-only': [
    `${MINISTRY} type Report { stolen: String ${guarded} }`,
    `${MINISTRY} type Viewer { subject: String ${guarded} }`,
    changed(MINISTRY, '  papers(', `  reports: String ${guarded}\n  papers(`),
  ],
  'guards-linked': [
    `${changed(MINISTRY, ', "@requiresScopes"]', ']')} directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION | OBJECT`,
    `${MINISTRY} directive @authenticated on OBJECT type Open @authenticated { id: ID }`,
  ],
  'own-scopes': [
    changed(MINISTRY, '"ministry:medical"', '"missing:registered"'),
    changed(MINISTRY, '[["ministry:medical"]]', '[]'),
    changed(MINISTRY, '[["ministry:medical"]]', '[[]]'),
  ],
  'small-guards': [
    changed(
      MINISTRY,
      '[["ministry:medical"]]',
      JSON.stringify(Array.from({ length: 17 }, (_, n) => [`ministry:s${n}`])),
    ),
    changed(
      MINISTRY,
      '[["ministry:medical"]]',
      JSON.stringify([Array.from({ length: 17 }, (_, n) => `ministry:s${n}`)]),
    ),
  ],
  'shared-unguarded': [
    changed(MINISTRY, 'type ArchiveDate @shareable {', `type ArchiveDate @shareable ${guarded} {`),
    changed(MINISTRY, 'enum Precision {', `enum Precision ${guarded} {`),
    changed(
      importingToo(MINISTRY, '@authenticated'),
      'type PageInfo @shareable {',
      'type PageInfo @shareable @authenticated {',
    ),
  ],
  'guarded-nullable': [
    changed(MINISTRY, 'cause: String @req', 'cause: String! @req'),
    changed(MINISTRY, 'person: Person @req', 'verdict: Verdict!\n  person: Person @req'),
    changed(MINISTRY, 'person: Person @req', 'thing: Thing!\n  person: Person @req'),
  ],
  'entry-points-guarded': [
    changed(MINISTRY, '  papers(', '  open: String\n  papers('),
    changed(MINISTRY, '  certificates(first: Int = 20): C', '  alive: Boolean\n  certificates(first: Int = 20): C'),
  ],
  'record-fields-guarded': [
    changed(MINISTRY, '  disputed: Boolean @req', '  remarks: String\n  disputed: Boolean @req'),
  ],
  'filters-guarded': [
    changed(MINISTRY, 'name: String @guardedBy(field: "Certificate.name")', 'name: String'),
    changed(MINISTRY, 'after: String, filter', 'after: String, sortBy: String, filter'),
    changed(MINISTRY, 'registered: DateRange @guardedBy(field: "Certificate.registeredOn")', 'registered: DateRange'),
    changed(MINISTRY, 'papers(first: Int = 5)', 'papers(first: Int = 5, id: String)'),
    changed(MINISTRY, 'papers(first: Int = 5)', 'papers(first: String)'),
    changed(MINISTRY, '  disputed: Boolean @req', '  matches(name: String): Boolean @req'),
    changed(MINISTRY, '  disputed: Boolean @req', '  isOf(id: ID): Boolean @req'),
  ],
  'guarded-by-a-field': [
    changed(MINISTRY, '@guardedBy(field: "Certificate.name")', '@guardedBy(field: "Certificate.nom")'),
    changed(MINISTRY, '@guardedBy(field: "Certificate.name")', '@guardedBy(field: "ArchiveDate.value")'),
  ],
  'guarded-by-composed': [
    changed(MINISTRY, '@composeDirective(name: "@guardedBy")', ''),
    changed(MINISTRY, ') repeatable on ARG', ') on ARG'),
    changed(MINISTRY, 'import: ["@guardedBy"', 'import: [{name: "@guardedBy", as: "@reads"}')
      .replaceAll('@guardedBy(f', '@reads(f')
      .replace('directive @guardedBy', 'directive @reads')
      .replace('name: "@guardedBy")', 'name: "@reads")'),
  ],
};

describe('rules between custodians', () => {
  test('schemas that keep them compose, the same ones always to the same supergraph', () => {
    expect(compose()).toBe(compose());
    expect(compose()).toContain('@guardedBy(field: "Certificate.name")');
  });

  test('each has a schema here that breaks it', () => {
    expect(Object.keys(BREAKING).sort()).toEqual(COMPOSITION_RULES.map(({ id }) => id).sort());
  });

  for (const [rule, schemas] of Object.entries(BREAKING)) {
    for (const [index, schema] of schemas.entries()) {
      test(`${rule} refuses its schema ${index + 1}`, () => {
        expect(() => compose(schema, OTHER)).toThrow(CompositionError);
        expect(() => compose(schema, OTHER)).toThrow(`ministry: `);
        expect(() => compose(schema, OTHER)).toThrow(`[${rule}]`);
      });
    }
  }

  test('a key of Person that is not its id is told from a key that no type may have', () => {
    const other = changed(
      MINISTRY,
      'type Person @key(fields: "id")',
      'type Person @key(fields: "id certificates { totalCount }")',
    );
    expect(() => compose(other, OTHER)).toThrow('Person has a @key other than "id"');
    const another = changed(
      MINISTRY,
      'type CourtFile implements Paper {',
      'type CourtFile implements Paper @key(fields: "id") {',
    );
    expect(() => compose(another, OTHER)).toThrow(/CourtFile has a @key(?! other)/u);
  });

  test('what Federation refuses is told too, and what is no GraphQL', () => {
    expect(() => compose(changed(MINISTRY, 'interface Paper {', 'interface Paper { kept: String'))).toThrow(
      /Paper.kept/u,
    );
    expect(() => compose('type Query {')).toThrow(/ministry: its schema is not GraphQL/u);
  });
});

describe('what the gateway alone reads', () => {
  const R = '@requiresScopes(scopes: [["ministry:registered"]])';
  const listing = changed(
    changed(
      MINISTRY,
      'first: Int = 20, after: String, filter',
      'first: Int = 20, after: String, afterRecord: ListPosition @inaccessible @guardedBy(field: "CertificateEdge.sortKey"), filter',
    ),
    '  totalCount: Int',
    `  edges: [CertificateEdge!] ${R}\n  totalCount: Int`,
  ).concat(`
    input ListPosition @inaccessible { sortKey: String! custodian: String! id: ID! }
    type CertificateEdge { cursor: String! sortKey: String @inaccessible ${R} recordId: ID @inaccessible ${R} }
    type CertificateCounts { all: Int @gather(rule: SUM) ${R} }
    ${GATHER_SDL}`);

  test('is in the supergraph, guards included, and not in what clients see', () => {
    const snapshot = snapshotOf(listing);
    const { apiSchema, supergraphSchema } = snapshot;
    const shown = printSchema(apiSchema);
    expect(shown).toContain('CertificateEdge');
    expect(shown).not.toMatch(/ListPosition|afterRecord|sortKey|recordId|GatherRule|\bgather\b/u);
    expect(printSchema(supergraphSchema)).toContain('afterRecord: ListPosition');
    const query = supergraphSchema.getQueryType()!;
    expect(snapshot.argumentGuards(query, 'certificates', 'afterRecord')).toContain('CertificateEdge.sortKey');
    expect(snapshot.requirementOf('ministry', 'CertificateEdge.sortKey')).toEqual([['ministry:registered']]);
  });

  test('is missed where composition drops it', () => {
    const schemas = [parseSubgraphSchema({ subgraph: 'ministry', url: '', sdl: listing })];
    expect(lostInComposition(schemas, compose())).toContainEqual({
      ...{ rule: 'no-element-lost', subgraph: 'ministry' },
      message: 'CertificateEdge.sortKey was lost in composition',
    });
  });
});

describe('what Federation takes away without a word is found', () => {
  const vanished: Readonly<Record<string, string>> = {
    Verdict: `${MISSING} type Verdict @inaccessible { comment: String }`,
    'ArchiveDate.value': changed(MISSING, 'value: String! prec', 'value: String! @inaccessible prec'),
    'Precision.DAY': changed(MISSING, 'DAY', 'DAY @inaccessible'),
    'DateRange.from': `${MISSING} input DateRange { to: String }`,
    'Person.id': changed(MISSING, '  id: ID!\n', '  id: ID! @inaccessible\n'),
    'Person.certificates(first:)': `${MISSING} extend type Person { certificates: CertificateConnection @shareable }
      type CertificateConnection @shareable { pageInfo: PageInfo! }`,
  };
  const parsed = (subgraph: string, sdl: string): SubgraphSchema => parseSubgraphSchema({ subgraph, url: '', sdl });
  const ministry = parsed(
    'ministry',
    changed(MINISTRY, 'type CertificateConnection', 'type CertificateConnection @shareable').replace(
      '20): CertificateConnection @',
      '20): CertificateConnection @shareable @',
    ),
  );

  for (const [coordinate, sdl] of Object.entries(vanished)) {
    test(`${coordinate} [no-element-lost]`, () => {
      const schemas = [ministry, parsed('missing', sdl)];
      const { supergraphSdl = '', errors = [] } = composeServices(
        schemas.map(({ subgraph, document }) => ({ name: subgraph, url: '', typeDefs: document })),
      );
      expect(errors).toEqual([]);
      expect(lostInComposition([ministry], supergraphSdl)).toContainEqual({
        rule: 'no-element-lost',
        subgraph: 'ministry',
        message: `${coordinate} was lost in composition`,
      });
    });
  }

  test("and Federation's own machinery is not missed", () => {
    const machinery =
      'scalar federation__Scope scalar link__Import enum link__Purpose { SECURITY EXECUTION } scalar _Any';
    expect(compose(`${MINISTRY} ${machinery}`)).toContain('Certificate');
  });
});

describe('guards are read', () => {
  test('by what they link, under whatever name', () => {
    const renamed = changed(MINISTRY, '"@requiresScopes"]', '{name: "@requiresScopes", as: "@needs"}]').replaceAll(
      '@requiresScopes(',
      '@needs(',
    );
    const missing = MISSING.replace('"@requiresScopes"]', '{name: "@requiresScopes", as: "@needs"}]').replaceAll(
      '@requiresScopes(',
      '@needs(',
    );
    expect(snapshotOf(renamed, missing).requirementOf('ministry', 'Certificate.cause')).toEqual([['ministry:medical']]);
  });

  test('also where a schema does not import them but names them by their prefix', () => {
    const prefixed = changed(MINISTRY, ', "@requiresScopes"]', ']').replaceAll(
      '@requiresScopes(',
      '@federation__requiresScopes(',
    );
    const missing = MISSING.replace(', "@requiresScopes"]', ']').replaceAll(
      '@requiresScopes(',
      '@federation__requiresScopes(',
    );
    expect(snapshotOf(prefixed, missing).requirementOf('ministry', 'Certificate.cause')).toEqual([
      ['ministry:medical'],
    ]);
  });

  test('and none of them is left in what the planner gets', () => {
    const snapshot = snapshotOf();
    expect(snapshot.supergraphSchema.getDirective('requiresScopes')).toBeUndefined();
    expect(snapshot.supergraphSchema.getDirective('guardedBy')).toBeUndefined();
    expect(
      Object.keys(snapshot.apiSchema.getTypeMap()).filter((name) => name.includes('__') && !name.startsWith('__')),
    ).toEqual([]);
  });
});
