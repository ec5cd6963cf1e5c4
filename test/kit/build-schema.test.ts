import { composeServices } from '@apollo/composition';
import { GuardedBy, Value, Where, equals, recordFields, recordSource, text, tiers, Root } from 'amana/kit';
import { type GraphQLSchema, buildSchema, parse } from 'graphql';
import { InputType, ObjectType, Resolver } from 'type-graphql';
import { describe, expect, it } from 'vitest';
import { buildSubgraph, printSubgraph } from '../../src/subgraphs/kit/build-schema.ts';
import { FieldRules } from '../../src/subgraphs/kit/field-rules.ts';
import { ministry } from '../../src/subgraphs/ministry/custodian.ts';
import { missing } from '../../src/subgraphs/missing/custodian.ts';
import { ngo } from '../../src/subgraphs/ngo/custodian.ts';

describe('the custodians’ schemas', () => {
  const subgraphs = [ministry, missing, ngo].map((definition) => ({
    name: definition.subgraph,
    sdl: printSubgraph(definition),
  }));

  it('compose without an error, guards included', () => {
    const { supergraphSdl, errors, hints } = composeServices(
      subgraphs.map(({ name, sdl }) => ({ name, typeDefs: parse(sdl) })),
    );
    expect(errors).toBeUndefined();
    // Federation composes the enum of @gather with nothing that uses it; clients do not see it.
    expect(hints?.map(({ definition: { code }, coordinate }) => ({ code, coordinate }))).toEqual([
      { code: 'UNUSED_ENUM_TYPE', coordinate: 'GatherRule' },
    ]);
    expect(supergraphSdl).toContain('statedCause: String @requiresScopes(scopes: [["ministry:medical"]])');
    expect(supergraphSdl).toMatch(/@guardedBy\(field: "DeathCertificate\.name"\)/u);
  });

  it.each([[ministry], [missing], [ngo]])('are printed as they are served', (definition) => {
    expect(buildSubgraph(definition).sdl).toBe(printSubgraph(definition));
  });

  it('serve nothing of what is never federated', () => {
    for (const { sdl } of subgraphs) {
      // What a description says is not served is not a field.
      expect(sdl.replaceAll(/"""[^]*?"""|"(?:[^"\\\n]|\\.)*"/gu, '')).not.toMatch(
        /photographer|exif|phone|channel|witness(?!Pseudonym)|transcript|identity|agent|profile|reporter|intermediar|acquisition|originalPath/iu,
      );
    }
  });
});

const GUARD = 'directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION | OBJECT | ENUM';
const FILTER = 'directive @guardedBy(field: String!) repeatable on ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION';
const schemaOf = (sdl: string): GraphQLSchema =>
  buildSchema(`${GUARD}\n${FILTER}\ndirective @key(fields: String!) on OBJECT\ndirective @shareable on OBJECT\n${sdl}`);
const R = '@requiresScopes(scopes: [["ngo:registered"]])';

describe('a schema is not served', () => {
  it.each([
    [
      'with a guarded field that is not nullable',
      `type Query { a: String! ${R} }`,
      /Query\.a is guarded and must therefore be nullable/u,
    ],
    ['with a field that has no tier', `type Query { a: Int ${R} b: Int }`, /Query\.b has no tier/u],
    [
      'with a scope of another subgraph',
      'type Query { a: Int @requiresScopes(scopes: [["ministry:medical"]]) }',
      /ministry:medical, which is no scope of ngo/u,
    ],
    [
      'with a filter guarded by a field that is not there',
      `type Query { a(x: Int @guardedBy(field: "Query.b")): Int ${R} }`,
      /names Query\.b/u,
    ],
    [
      'with a nested filter guarded by a field without a guard',
      `type Query { a(f: F): Int ${R} } input F { g: G } input G { f: F, x: Int @guardedBy(field: "T.id") } type T @key(fields: "id") { id: ID! }`,
      /names T\.id/u,
    ],
    [
      'with a non-null field of a guarded type',
      `type Query { a: T! ${R} } type T ${R} { b: Int ${R} }`,
      /must therefore be nullable/u,
    ],
  ])('%s', (_, sdl, fault) => {
    expect(() => new FieldRules(schemaOf(sdl), 'ngo')).toThrow(fault);
  });
});

describe('the rules of a schema', () => {
  const schema = schemaOf(`type Query { list(filter: F, first: Int): T ${R} }
      type T @requiresScopes(scopes: [["ngo:identifying"]]) { a: Int ${R} b: Int @requiresScopes(scopes: [["ngo:medical"], ["ngo:provenance"]]) }
      input F { a: Int = 3 @guardedBy(field: "T.a") @guardedBy(field: "T.b") nested: [F!] plain: Int }`);
  const rules = new FieldRules(schema, 'ngo');

  it('join the guards of a field, of its own type and of the type it returns', () => {
    expect(rules.requirementOf('Query.list')).toEqual([['ngo:identifying', 'ngo:registered']]);
    expect(rules.requirementOf('T.b')).toEqual([
      ['ngo:identifying', 'ngo:medical'],
      ['ngo:identifying', 'ngo:provenance'],
    ]);
  });

  it('find guards however deep a filter is nested, and only where it is used', () => {
    const list = schema.getQueryType()?.getFields()['list'];
    if (!list) throw new Error('no field');
    const both = [
      ['ngo:identifying', 'ngo:medical', 'ngo:registered'],
      ['ngo:identifying', 'ngo:provenance', 'ngo:registered'],
    ];
    expect(rules.requirementOfArguments(list, { filter: { nested: [{ plain: 1 }, { nested: [{ a: 0 }] }] } })).toEqual(
      both,
    );
    expect(rules.requirementOfArguments(list, { filter: { plain: 1, a: null, nested: null }, first: 3 })).toEqual([]);
    expect(rules.requirementOfArguments(list, { filter: null })).toEqual([]);
  });
});

it('a partner’s custodian is built from the same face', () => {
  const { Registered, Sensitive } = tiers('partner');

  @ObjectType()
  class Note extends recordFields('partner') {
    @Registered @Value(text) title?: string;
    @Sensitive('secret') @Value(text) body?: string;
  }
  @InputType()
  class NoteFilter {
    @GuardedBy('Note.body') @Where(() => String, equals('body')) body?: string;
  }
  const notes = recordSource({ subgraph: 'partner', type: Note, table: 'notes', filter: NoteFilter });
  @Resolver()
  class Roots {
    @Registered @Root(() => notes, 'All notes.') notes?: object;
  }
  const { rules } = buildSubgraph({ subgraph: 'partner', resolvers: [Roots] });
  expect(rules.requirementOf('Note.body')).toEqual([['partner:secret']]);
  expect(rules.requirementOf('NoteConnection.nodes')).toEqual([['partner:registered']]);
  expect(rules.requirementOf('Note.id')).toEqual([['partner:registered']]);
});
