import fc from 'fast-check';
import {
  type GraphQLSchema,
  TypeInfo,
  buildSchema,
  getOperationAST,
  isCompositeType,
  parse,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { expect, test } from 'vitest';
import { startPlainFederation } from '../attacks/plain-federation.ts';
import {
  type RandomSchema,
  Reference,
  type Viewer,
  choosingFrom,
  leafOf,
  randomOperation,
  randomSchema,
  resultsOf,
} from './random-schema.ts';

/** Each with some operations: always the same ones in `npm test`, and ever new ones, many more, in `npm run test:long`. */
const SCHEMAS = Number(process.env['AMANA_RANDOM_SCHEMAS'] ?? 6);
const OPERATIONS = 40;
const SEED = process.env['AMANA_RANDOM_SCHEMAS'] === undefined ? 20_261_127 : Date.now() % 2 ** 31;

const VIEWERS: readonly Viewer[] = [undefined, [], ['s'], ['t'], ['s', 't'], ['u'], ['s', 't', 'u']];
const numbers = (length: number) => fc.array(fc.nat(10_000), { minLength: length, maxLength: length });
const TYPES = ['T0', 'T1', 'T2'];

const objectOf = (type: string): object => ({ __typename: type, id: type });
const resolved = (type: string, field: string) => {
  const results = resultsOf(type, field);
  return typeof results === 'string' ? objectOf(results) : results.map(objectOf);
};
const entries = (fields: readonly string[], resolve: (field: string) => unknown) =>
  Object.fromEntries(fields.map((field) => [field, () => resolve(field)]));

const start = ({ first, second }: RandomSchema) =>
  startPlainFederation({
    first: {
      sdl: first,
      resolvers: {
        Query: entries(['t0', 't1', 'node', 'nodes'], (field) => resolved('Query', field)),
        ...Object.fromEntries(
          TYPES.map((type) => [
            type,
            {
              __resolveReference: (given: object) => given,
              ...entries(['a', 'b', 'e'], (field) => leafOf(type, field)),
              ...entries(['next', 'node'], (field) => resolved(type, field)),
            },
          ]),
        ),
      },
    },
    second: {
      sdl: second,
      resolvers: Object.fromEntries(
        TYPES.map((type) => [
          type,
          { __resolveReference: (given: object) => given, ...entries(['c', 'd'], (field) => leafOf(type, field)) },
        ]),
      ),
    },
  });

/** The fields of a fetch, each with the type that it is asked for on. */
function* fieldsOf(
  query: string,
  whole: GraphQLSchema,
): Generator<{ readonly parent: string; readonly field: string }> {
  const found: { parent: string; field: string }[] = [];
  const typeInfo = new TypeInfo(whole);
  visit(
    parse(query),
    visitWithTypeInfo(typeInfo, {
      Field: ({ name }) => void found.push({ parent: typeInfo.getParentType()?.name ?? '', field: name.value }),
    }),
  );
  yield* found;
}

test(
  'of arbitrary schemas, rules, operations and viewers, what comes back is what each may see, and no more crosses the wire',
  async () => {
    let compared = 0;
    for (const schemaNumbers of fc.sample(numbers(120), { numRuns: SCHEMAS, seed: SEED })) {
      const schema = randomSchema(choosingFrom(schemaNumbers));
      const query = schema.whole.getQueryType();
      if (!query) throw new Error('a schema without queries');
      const federation = await start(schema);
      try {
        await fc.assert(
          fc.asyncProperty(numbers(60), fc.constantFrom(...VIEWERS), async (operationNumbers, viewer) => {
            const operation = randomOperation(choosingFrom(operationNumbers));
            const document = parse(operation);
            fc.pre(validate(schema.whole, document).length === 0);
            const reference = new Reference(schema, viewer);
            federation.crossed();
            const { json } = await federation.ask(operation, viewer && { scope: viewer.join(' ') });
            const set = getOperationAST(document)?.selectionSet;
            if (!set) throw new Error('no operation');
            expect(json.data, JSON.stringify(json)).toEqual(reference.answer(set, query, 'Query'));
            for (const fetch of federation.crossed()) {
              for (const { parent, field } of fieldsOf(fetch.query, withEntities)) {
                const type = schema.whole.getType(parent);
                const isAllowed =
                  !isCompositeType(type) || ['id', '_entities'].includes(field) || reference.mayAsk(type, field);
                expect(isAllowed, `${parent}.${field} in ${fetch.query}`).toBe(true);
              }
            }
            compared += 1;
          }),
          { numRuns: OPERATIONS, seed: SEED + compared },
        );
      } catch (cause) {
        throw new Error(`${schema.first}\n${schema.second}`, { cause });
      } finally {
        await federation.close();
      }
    }
    expect(compared).toBeGreaterThanOrEqual(SCHEMAS * OPERATIONS);
  },
  20_000 + SCHEMAS * 20_000,
);

/** What fetches are read against: the whole, with the way in to entities. */
const withEntities = buildSchema(`scalar _Any union _Entity = T0 | T1 | T2 enum E { ONE }
  type Query { t0: T0 t1: T1 node: Node nodes: [Node] _entities(representations: [_Any!]!): [_Entity]! }
  interface Node { id: ID! a: String e: E next: Node }
  ${TYPES.map((type, n) => `type ${type} implements Node { id: ID! a: String b: String c: String d: String e: E next: ${TYPES[(n + 1) % 3]} node: Node }`).join('\n')}`);
