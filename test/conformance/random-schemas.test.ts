import fc from 'fast-check';
import {
  type GraphQLSchema,
  TypeInfo,
  extendSchema,
  isCompositeType,
  parse,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { expect, test } from 'vitest';
import { startPlainFederation } from '../attacks/plain-federation.ts';
import { temporaryDirectory, writeIn } from '../supergraph/run-gateway.ts';
import {
  type RandomSchema,
  type Results,
  TYPES,
  choosingFrom,
  leafOf,
  randomOperation,
  randomSchema,
  resultsAt,
} from './random-schema.ts';
import { Reference, VARIABLES, type Viewer } from './reference.ts';

/** Each with some operations: always the same ones in `npm test`, and ever new ones, many more, in `npm run test:long`. */
const SCHEMAS = Number(process.env['AMANA_RANDOM_SCHEMAS'] ?? 6);
const OPERATIONS = 40;
const SEED = process.env['AMANA_RANDOM_SCHEMAS'] === undefined ? 20_261_127 : Date.now() % 2 ** 31;

const SCOPES = [undefined, [], ['s'], ['t'], ['s', 't'], ['u'], ['s', 't', 'u']];
const POLICIES = [[], ['p'], ['q'], ['q', 'r'], ['p', 'q', 'r']];
/** Who has not signed in is granted no policy. */
const VIEWERS: readonly Viewer[] = SCOPES.flatMap((scopes) =>
  (scopes ? POLICIES : [[]]).map((policies) => ({ scopes, policies })),
);
const numbers = (length: number) => fc.array(fc.nat(10_000), { minLength: length, maxLength: length });

const objectsOf = (results: Results): unknown =>
  typeof results === 'string' ? { __typename: results, id: results } : results.map(objectsOf);
const entries = (fields: readonly string[], resolve: (field: string) => unknown) =>
  Object.fromEntries(fields.map((field) => [field, () => resolve(field)]));
const given = { __resolveReference: (object: object) => object };

function start(schema: RandomSchema) {
  const found = (type: string, fields: readonly string[]) =>
    entries(fields, (field) => objectsOf(resultsAt(schema, type, field)));
  const leaves = (type: string, fields: readonly string[]) => entries(fields, (field) => leafOf(type, field));
  const ofTypes = (resolve: (type: string) => object) =>
    Object.fromEntries(TYPES.map((type) => [type, { ...given, ...resolve(type) }]));
  const resolvers = {
    Query: found('Query', ['t0', 't1', 'node', 'nodes', 'any', 'grid']),
    Mutation: { ...found('Mutation', ['m']), ...leaves('Mutation', ['n']) },
    ...ofTypes((type) => ({ ...leaves(type, ['a', 'b', 's', 'e']), ...found(type, ['next', 'node', 'some']) })),
  };
  const policiesFile = writeIn(
    temporaryDirectory(),
    'policies.mjs',
    'export const policies = async ({ claims }) => claims?.policies ?? [];',
  );
  return startPlainFederation(
    {
      first: { sdl: schema.first, resolvers },
      second: { sdl: schema.second, resolvers: ofTypes((type) => leaves(type, ['c', 'd', 'r'])) },
    },
    { policiesFile },
  );
}

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
    for (const schemaNumbers of fc.sample(numbers(150), { numRuns: SCHEMAS, seed: SEED })) {
      const schema = randomSchema(choosingFrom(schemaNumbers));
      const withEntities = extendSchema(schema.whole, ENTITIES);
      const federation = await start(schema);
      try {
        await fc.assert(
          fc.asyncProperty(numbers(80), fc.constantFrom(...VIEWERS), async (operationNumbers, viewer) => {
            const operation = randomOperation(choosingFrom(operationNumbers));
            const document = parse(operation);
            fc.pre(validate(schema.whole, document).length === 0);
            const reference = new Reference(schema, viewer);
            federation.crossed();
            const { scopes, policies } = viewer;
            const { json } = await federation.ask(
              operation,
              scopes && { scope: scopes.join(' '), policies },
              VARIABLES,
            );
            const told = `${operation}\n${JSON.stringify([viewer, json])}`;
            expect(json.data, told).toEqual(reference.answer(document));
            // Where no null may be, what is withheld is an error too.
            for (const { extensions } of json.errors ?? [])
              expect(extensions.code, told).toBe('UNAUTHORIZED_FIELD_OR_TYPE');
            for (const fetch of federation.crossed()) {
              for (const { parent, field } of fieldsOf(fetch.query, withEntities)) {
                const type = schema.whole.getType(parent);
                const isAllowed =
                  !isCompositeType(type) ||
                  ['id', '_entities', '__typename'].includes(field) ||
                  reference.mayAsk(type, field);
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

/** The way in to entities, by which fetches are read too. */
const ENTITIES = parse(`scalar _Any union _Entity = ${TYPES.join(' | ')}
  extend type Query { _entities(representations: [_Any!]!): [_Entity]! }`);
