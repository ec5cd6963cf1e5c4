import {
  type GraphQLSchema,
  type IntrospectionQuery,
  buildClientSchema,
  getIntrospectionQuery,
  validateSchema,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PlainFederation, startPlainFederation } from '../attacks/plain-federation.ts';
import { type SmallFederation, startSmallFederation } from '../gateway/small-federation.ts';
import { MINISTRY } from '../gateway/schemas.ts';
import { temporaryDirectory, writeIn } from './run-gateway.ts';

const ARCHIVE = `
  type Query {
    open: String
    scoped: String @requiresScopes(scopes: [["read"]])
    signedIn: String @authenticated
    spaced: String @requiresScopes(scopes: [["not a scope"], [""]])
    decided: Decision @policy(policies: [["staff"]])
    either(only: DecisionFilter, plain: Plain): String
    anything: Anything
    papers: [Paper]
    made(of: Material): String @policy(policies: [["staff"]])
    chain: Link
  }
  type Mutation { decide: String @policy(policies: [["staff"]]) }
  type Decision { text: String, grade: Grade, more: Decision }
  enum Grade { HIGH LOW }
  enum Material { PAPER STONE }
  input DecisionFilter { grade: Grade }
  input Plain { text: String }
  union Anything = Open | Closed
  type Open { text: String }
  type Closed @policy(policies: [["staff"]]) { secret: String }
  interface Paper { id: ID title: String }
  type Report implements Paper { id: ID title: String pages: Int }
  type Ruling implements Paper { id: ID title: String @policy(policies: [["staff"]]) }
  type Link { end: End }
  type End { only: String @policy(policies: [["staff"]]) }
`;
const RESOLVERS = { Query: { open: () => 'open' } };

const schemaIn = (data: unknown): GraphQLSchema => buildClientSchema(data as IntrospectionQuery);
const shownTo = async (federation: PlainFederation, claims?: Record<string, unknown>): Promise<GraphQLSchema> =>
  schemaIn((await federation.ask(getIntrospectionQuery(), claims)).json.data);
const fieldsOf = (schema: GraphQLSchema, type: string): string[] => {
  const found = schema.getType(type);
  return found && 'getFields' in found ? Object.keys(found.getFields()) : [];
};
const typesOf = (schema: GraphQLSchema): string[] =>
  Object.keys(schema.getTypeMap())
    .filter((name) => !name.startsWith('__'))
    .sort();

describe('the schema before plain subgraphs is shown', () => {
  const parts = { archive: { sdl: ARCHIVE, resolvers: RESOLVERS } };
  let [federation, deciding, nameless]: PlainFederation[] = [];
  beforeAll(async () => {
    const policiesFile = writeIn(temporaryDirectory(), 'policies.mjs', 'export const policies = async () => [];');
    [federation, deciding, nameless] = await Promise.all([
      startPlainFederation(parts),
      startPlainFederation(parts, { policiesFile }),
      startPlainFederation(parts, { tokens: undefined, anonymousIntrospection: true }),
    ]);
  });
  afterAll(() => Promise.all([federation, deciding, nameless].map((one) => one?.close())));

  test('without what needs a policy, where there are none, nor what that leaves empty or out of reach', async () => {
    const schema = await shownTo(federation!, {});
    expect(fieldsOf(schema, 'Query')).toEqual(['open', 'scoped', 'signedIn', 'either', 'papers']);
    expect(schema.getMutationType() ?? null).toBeNull();
    expect(fieldsOf(schema, 'Paper')).toEqual(['id']);
    expect(fieldsOf(schema, 'Ruling')).toEqual(['id']);
    expect(fieldsOf(schema, 'Report')).toEqual(['id', 'title', 'pages']);
    expect(typesOf(schema)).toEqual([
      'Boolean',
      'DecisionFilter',
      'Grade',
      'ID',
      'Int',
      'Paper',
      'Plain',
      'Query',
      'Report',
      'Ruling',
      'String',
    ]);
    expect(validateSchema(schema)).toEqual([]);
  });

  test('with it where the operator decides about policies, whatever he decides', async () => {
    const schema = await shownTo(deciding!, {});
    expect(fieldsOf(schema, 'Query')).toEqual([
      'open',
      'scoped',
      'signedIn',
      'decided',
      'either',
      'anything',
      'papers',
      'made',
      'chain',
    ]);
    expect(validateSchema(schema)).toEqual([]);
  });

  test('without anything guarded where nobody can sign in', async () => {
    const schema = await shownTo(nameless!);
    expect(fieldsOf(schema, 'Query')).toEqual(['open', 'either', 'papers']);
  });

  test('as it would be if what is left out had no name, also beside what is asked for', async () => {
    const { json, text } = await federation!.ask(
      `query ($of: Material, $name: String!) {
        open made(of: $of) type: __type(name: $name) { name } known: __type(name: "Grade") { name }
        __schema { queryType { fields { name } } }
      }`,
      {},
      { of: 'STONE', name: 'Material' },
    );
    expect(json.errors).toBeUndefined();
    expect(json.data).toMatchObject({ open: 'open', made: null, type: null, known: { name: 'Grade' } });
    expect(json.extensions.withheld).toMatchObject([{ coordinate: 'Query.made', reason: 'POLICY' }]);
    expect(text).not.toContain('"decided"');
  });

  test.each<[string, object?]>([
    ['{ decide { text } }'],
    ['{ either(onl: {}) }'],
    ['{ either(only: { grde: HIGH }) }'],
    ['{ either(only: { grade: HIGHE }) }'],
    ['query ($f: DecisionFiltr) { either(only: $f) }'],
    ['query ($f: DecisionFilter) { either(only: $f) }', { f: { grde: 'HIGH' } }],
    ['query ($f: DecisionFilter) { either(only: $f) }', { f: { grade: 'HIGHE' } }],
    ['{ papers { ... on Rulin { id } } }'],
    ['{ open @skp(if: true) }'],
    ['{ ...ope } fragment opened on Query { open }'],
  ])('and no message suggests a name of it: %s %j', async (query, variables) => {
    const { status, text } = await federation!.ask(query, {}, variables);
    expect(status).toBe(400);
    expect(text).not.toMatch(/did you mean|decided|"only"|"grade"|"HIGH"|"Ruling"|"skip"|"opened"/iu);
  });

  test('and what it leaves out is withheld by the guards all the same, not by this', async () => {
    const { json } = await federation!.ask('{ decided { text } chain { end { only } } spaced }', {});
    expect(json.data).toEqual({ decided: null, chain: null, spaced: null });
    expect(json.extensions.withheld.map(({ coordinate }: { coordinate: string }) => coordinate)).toEqual([
      'Query.decided',
      'End.only',
      'Query.spaced',
    ]);
  });
});

describe('the schema before custodians is shown', () => {
  let federation: SmallFederation;
  beforeAll(async () => {
    const unmet =
      '  unmet: String @requiresScopes(scopes: [["ministry:Nobody2"]])\n  half: String @requiresScopes(scopes: [["ministry:Nobody2"], ["ministry:sealed"]])\n';
    const sdl = MINISTRY.replace('type Query {\n', `type Query {\n${unmet}`).replace(
      'cause: String @guardedBy',
      'cause: String @guardedBy(field: "Query.unmet") @guardedBy',
    );
    federation = await startSmallFederation({ prepare: ({ ministry }) => (ministry.sdl = sdl) });
    federation.ministry.grants = [];
    federation.missing.grants = [];
  });
  afterAll(() => federation?.close());
  const shown = async (as: string, headers = {}): Promise<GraphQLSchema> =>
    schemaIn((await federation.ask(getIntrospectionQuery(), { as, headers })).json.data);

  test('to users and clients alike with every field that some grant could give them, and without those that none could', async () => {
    const schema = await shown('analyst');
    expect(fieldsOf(schema, 'Query')).toEqual(
      expect.arrayContaining(['certificates', 'papers', 'things', 'reports', 'person', 'half', 'viewer']),
    );
    expect(fieldsOf(schema, 'Query')).not.toContain('unmet');
    expect(fieldsOf(schema, 'CertificateFilter')).toEqual(['id', 'disputed', 'name', 'registered', 'either']);
    expect(fieldsOf(schema, 'Verdict')).toEqual(['id', 'text']);
    expect(typesOf(await shown('console'))).toEqual(typesOf(schema));
    expect(validateSchema(schema)).toEqual([]);
  });

  test('to operators with what is told of schemas, which nobody else is ever given', async () => {
    const [viewer, operator] = await Promise.all(['analyst', 'operator'].map((as) => shown(as)));
    expect(fieldsOf(operator!, 'Custodian')).toContain('schema');
    expect(fieldsOf(viewer!, 'Custodian')).not.toContain('schema');
    const only = ['Confirming', 'CustodianSchema', 'RefusedSchema', 'RefusedSchemaState', 'SchemaFinding'];
    expect(typesOf(operator!).filter((name) => !typesOf(viewer!).includes(name))).toEqual(only);
  });
});
