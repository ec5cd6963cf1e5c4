import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PlainFederation, startPlainFederation } from './plain-federation.ts';

let federation: PlainFederation;
beforeAll(async () => {
  federation = await startPlainFederation({
    archive: {
      sdl: 'type Query { nodes(first: Int): [Node] } type Node { id: ID nodes(first: Int): [Node] }',
      resolvers: { Query: { nodes: () => [] } },
    },
  });
});
afterAll(() => federation?.close());

const nested = (levels: number, page: string): string =>
  levels === 0 ? 'id' : `nodes${page} { ${nested(levels - 1, page)} }`;

describe('a counter of cost (CVE-2025-32033)', () => {
  test.each([
    ['does not wrap', nested(19, '(first: 2147483647)'), {}],
    ['does not wrap in a variable', nested(19, '(first: $first)'), { first: 2_147_483_647 }],
    ['is not taken back to nothing by an empty page', `nodes(first: 0) { ${nested(8, '')} }`, {}],
    ['is not taken back to nothing in a variable', `nodes(first: $first) { ${nested(8, '')} }`, { first: 0 }],
    ['does not count down', `nodes(first: -1000000) { ${nested(8, '')} } name: __typename`, {}],
    ['does not cancel out', `a: nodes(first: -2147483648) { ${nested(3, '')} } b: nodes(first: 2147483647) { id }`, {}],
    ['counts what nothing is said of', nested(7, ''), {}],
  ])('%s', async (_, query, variables) => {
    const { status, json } = await federation.ask(
      `query ($first: Int = 1) { ${query} ${query.includes('$first') ? '' : '__typename @skip(if: true) n: nodes(first: $first) { id }'} }`,
      undefined,
      variables,
    );
    expect(status).toBe(400);
    expect(json.errors[0].extensions.code).toBe('OPERATION_TOO_COSTLY');
    expect(federation.crossed()).toEqual([]);
  });

  test('lets pass what costs little', async () => {
    expect((await federation.ask('{ nodes(first: 5) { id nodes(first: 0) { id } } }')).json.errors).toBeUndefined();
  });
});
