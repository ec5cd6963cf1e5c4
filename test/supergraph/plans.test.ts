import { readFileSync, rmSync } from 'node:fs';
import { parse, print } from 'graphql';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { claimsAccess } from '../../src/gateway/authorize/claims-access.ts';
import { authorizeOperation } from '../../src/gateway/authorize/authorize-operation.ts';
import { SupergraphSnapshot } from '../../src/gateway/compose/supergraph-snapshot.ts';
import { messageOf } from '../../src/protocol/errors.ts';
import { runPlan } from '../../src/gateway/execute/run-plan.ts';
import { planner } from '../../src/gateway/plan.ts';
import { PlainConnection } from '../../src/gateway/plain-subgraphs/plain-connection.ts';
import { resolveOperation } from '../../src/gateway/resolve/resolve-operation.ts';
import { composeFile, temporaryDirectory } from './run-gateway.ts';

const HEALTH = { now: Date.now, random: Math.random, log: pino({ level: 'silent' }) };
const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires", "@override", "@shareable", "@authenticated", "@requiresScopes", "@policy"])\n`;

function compose(...sdl: readonly string[]): string {
  const directory = temporaryDirectory();
  const subgraphs = sdl.map((text, index) => ({ name: `s${index}`, url: `http://s${index}`, sdl: LINK + text }));
  const composed = readFileSync(composeFile(directory, subgraphs), 'utf8');
  rmSync(directory, { recursive: true });
  return composed;
}

/** What is left of an operation, on one line, for a viewer with these scopes; undefined for nobody. */
function remaining(supergraph: string, query: string, scopes?: readonly string[]): string {
  const snapshot = new SupergraphSnapshot(supergraph);
  const hosts = new Map(Array.from(snapshot.urls, ([name, url]) => [name, [new PlainConnection(name, url, HEALTH)]]));
  const operation = resolveOperation(snapshot, parse(query), { operationName: undefined, variables: {} }, 1_000);
  const access = claimsAccess({
    isAuthenticated: scopes !== undefined,
    viewer: '',
    scopes: new Set(scopes),
    policies: new Set(),
    headers: {},
  });
  const accesses = new Map(Array.from(hosts.keys(), (name) => [name, access]));
  const { document } = authorizeOperation(
    { snapshot, gathered: new Map(), members: [...hosts.values()].flat() },
    operation,
    accesses,
  );
  return print(document).replaceAll(/\s+/gu, ' ');
}

describe('a guard holds', () => {
  const REQUIRES = [
    `type Query { things: [Thing] }
     type Thing @key(fields: "id") { id: ID! cost: Int @requiresScopes(scopes: [["cost"]]) part: Part }
     type Part @authenticated { size: Int }`,
    `type Thing @key(fields: "id") {
       id: ID!
       cost: Int @external
       part: Part @external
       half: Int @requires(fields: "cost") @requiresScopes(scopes: [["cost"]])
       volume: Int @requires(fields: "part { size }") @authenticated
     }
     type Part @authenticated { size: Int @external }`,
    `type Thing @key(fields: "id") {
       id: ID!
       half: Int @external
       quarter: Int @requires(fields: "half") @requiresScopes(scopes: [["cost"]])
     }`,
  ];

  test('on a field that is handed what is guarded, where its own guard does not say so', () => {
    const composed = compose(...REQUIRES);
    // Compositions of older versions do not ask for it.
    const older = composed.replaceAll(
      /(half|quarter|volume): Int(.*?) @(requiresScopes\(.*?\)|authenticated)$/gmu,
      '$1: Int$2',
    );
    expect(older.length).toBeLessThan(composed.length - 60);
    for (const supergraph of [composed, older]) {
      expect(remaining(supergraph, '{ things { id half quarter volume } }')).toBe('{ things { id } }');
      expect(remaining(supergraph, '{ things { half quarter volume } }', ['cost'])).toBe(
        '{ things { half quarter volume } }',
      );
    }
  });

  test('on an interface by rules of its own, which its types do not have', () => {
    const composed = compose(
      'type Query { nodes: [Node] } interface Node { id: ID! name: String } type Thing implements Node { id: ID! name: String secret: Int @authenticated }',
    );
    const guarded = composed.replace(/(interface Node[^}]*name: String)/u, '$1 @authenticated');
    expect(guarded).not.toBe(composed);
    expect(remaining(composed, '{ nodes { id name } }')).toBe('{ nodes { id name } }');
    expect(remaining(guarded, '{ nodes { id name } }')).toBe('{ nodes { id } }');
    expect(remaining(composed.replace('interface Node', 'interface Node @authenticated'), '{ nodes { id } }')).toBe(
      '{ __typename }',
    );
  });

  test('where several subgraphs resolve a field and one of them guards it', () => {
    const composed = compose(
      'type Query { a: Thing } type Thing @shareable { id: ID name: String @authenticated }',
      'type Query { b: Thing } type Thing @shareable { id: ID name: String @requiresScopes(scopes: [["n"]]) }',
    );
    expect(remaining(composed, '{ a { id name } b { name } }')).toBe('{ a { id } b { __typename } }');
    expect(remaining(composed, '{ a { name } }', [])).toBe('{ a { __typename } }');
    expect(remaining(composed, '{ a { name } }', ['n'])).toBe('{ a { name } }');
  });

  test('under the name of the specification, and under a prefix of the schema’s own', () => {
    const composed = compose('type Query { a: Int @authenticated b: Int @requiresScopes(scopes: [["b"]]) c: Int }');
    const prefixed = composed
      .replace('authenticated/v0.1"', 'authenticated/v0.1", as: "auth"')
      .replaceAll('@authenticated', '@auth')
      .replace('requiresScopes/v0.1"', 'requiresScopes/v0.1", import: [{name: "@requiresScopes", as: "@needs"}]')
      .replaceAll(/@requiresScopes\(/gu, '@needs(');
    expect(prefixed).toContain('@auth\n');
    for (const supergraph of [composed, prefixed]) expect(remaining(supergraph, '{ a b c }')).toBe('{ c }');
  });

  test('where it cannot be read', () => {
    const composed = compose(
      'type Query { a: Int @policy(policies: [["p"]]) b: Int @requiresScopes(scopes: [["b"]]) c: Int }',
    );
    const emptied = composed.replace('policies: [["p"]]', 'policies: []').replace('scopes: [["b"]]', 'scopes: [[]]');
    expect(remaining(emptied, '{ a b c }', ['b'])).toBe('{ c }');
  });
});

test('a field under way to another subgraph is asked of each for its share of the requests', () => {
  const snapshot = new SupergraphSnapshot(
    compose(
      'type Query { t: T } type T @key(fields: "id") { id: ID! f: Int g: Int }',
      'type T @key(fields: "id") { id: ID! f: Int @override(from: "s0", label: "percent(30)") g: Int @override(from: "s0", label: "by-hand") }',
    ),
  );
  const TO_NEW = '"serviceName":"s1"';
  let drawn = 0;
  const plan = planner({ random: () => drawn });
  const asked = (query: string, at: number): string => {
    drawn = at;
    return JSON.stringify(plan(snapshot, parse(query)));
  };
  expect(asked('{ t { f } }', 0.29)).toContain(TO_NEW);
  expect(asked('{ t { f } }', 0.3)).not.toContain(TO_NEW);
  expect(asked('{ t { f } }', 0.1)).toContain(TO_NEW);
  expect(asked('{ t { g } }', 0)).not.toContain(TO_NEW);
});

test('a fault of the gateway’s own at one fetch of a plan costs that fetch alone, and is told without its words', async () => {
  const snapshot = new SupergraphSnapshot(
    compose(
      'type Query { thing: Thing } type Thing @key(fields: "id") { id: ID! }',
      'type Query { other: Int } type Thing @key(fields: "id") { id: ID! size: Int }',
    ),
  );
  const plan = planner()(snapshot, parse('{ thing { id size } other }'));
  const { data, errors } = await runPlan(
    {
      snapshot,
      variables: {},
      fetch: async ({ subgraph, representations }) => {
        if (representations.length > 0) throw new Error('a secret');
        return { data: subgraph === 's0' ? { thing: { __typename: 'Thing', id: '1' } } : { other: 2 }, errors: [] };
      },
    },
    plan,
  );
  expect(data).toEqual({ thing: { __typename: 'Thing', id: '1' }, other: 2 });
  expect(JSON.parse(JSON.stringify(errors))).toEqual([
    { message: messageOf('INTERNAL_SERVER_ERROR'), path: ['thing'], extensions: { code: 'INTERNAL_SERVER_ERROR' } },
  ]);
});
