import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type PlainFederation, startPlainFederation } from './plain-federation.ts';

const done: string[] = [];
const act = (what: string) => () => (done.push(what), { id: what, secret: 's', link: { id: what } });
const PARTS = {
  archive: {
    sdl: `type Query { open: Int }
      type Mutation {
        open: Open
        root: Open @authenticated
        type: Closed
        list: [Closed!]!
        abstract: Either
        leaf: Leaf
        mustBe: Closed!
        inside: Open
      }
      interface Either { id: ID }
      type Open implements Either { id: ID secret: String @authenticated }
      type Closed implements Either @requiresScopes(scopes: [["write"]]) { id: ID }
      enum Leaf @requiresScopes(scopes: [["write"]]) { A }`,
    resolvers: {
      Mutation: {
        open: act('open'),
        root: act('root'),
        type: act('type'),
        list: () => [act('list')()],
        abstract: () => ({ __typename: 'Open', ...act('abstract')() }),
        leaf: () => (done.push('leaf'), 'A'),
        mustBe: act('mustBe'),
        inside: act('inside'),
      },
    },
  },
};
let federation: PlainFederation;
beforeAll(async () => {
  federation = await startPlainFederation(PARTS);
});
afterAll(() => federation?.close());
beforeEach(() => {
  done.length = 0;
  federation.crossed();
});

describe('a mutation whose root field or type is refused is never sent', () => {
  test.each([
    'root { id }',
    'type { id }',
    'type { __typename }',
    'list { id }',
    'abstract { id }',
    'leaf',
    'mustBe { id }',
    'x: root { __typename }',
  ])('%s', async (field) => {
    const { json } = await federation.ask(`mutation { ${field} }`);
    expect(json.extensions.withheld).toHaveLength(1);
    expect(done).toEqual([]);
    expect(federation.crossed()).toEqual([]);
    await federation.ask(`mutation { ${field} }`, { scope: 'write' });
    expect(done).toHaveLength(1);
  });

  test('beside others, in fragments, and by directives', async () => {
    const { json } = await federation.ask(
      'mutation ($no: Boolean = false) { a: open { id } ...M ... @skip(if: $no) { b: root { id } } c: open { id } type @include(if: false) { id } } fragment M on Mutation { list { id } }',
    );
    // What takes no null takes all along, as the specification says; what was allowed has been done nevertheless.
    expect(json.data).toBeNull();
    expect(done).toEqual(['open', 'open']);
    expect(
      federation
        .crossed()
        .map(({ query }) => query)
        .join(),
    ).not.toMatch(/root|list|type\b/u);
  });

  test('nor anything at all where the client asks to be refused', async () => {
    const body = JSON.stringify({
      query: 'mutation { open { id } inside { secret } }',
      extensions: { amana: { withheldAs: 'reject' } },
    });
    const { status } = await federation.send({ method: 'POST', headers: { 'content-type': 'application/json' }, body });
    expect(status).toBe(403);
    expect(done).toEqual([]);
  });

  test('where the whole of Mutation is guarded', async () => {
    const [part] = Object.values(PARTS);
    const closed = await startPlainFederation({
      archive: { ...part!, sdl: part!.sdl.replace('type Mutation', 'type Mutation @authenticated') },
    });
    try {
      expect((await closed.ask('mutation { open { id } }')).json.data).toEqual({ open: null });
      expect(done).toEqual([]);
      expect((await closed.ask('mutation { open { id } }', {})).json.data).toEqual({ open: { id: 'open' } });
    } finally {
      await closed.close();
    }
  });
});
