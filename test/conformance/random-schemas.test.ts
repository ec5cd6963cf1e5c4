import fc from 'fast-check';
import {
  type GraphQLSchema,
  Kind,
  TypeInfo,
  extendSchema,
  getOperationAST,
  isCompositeType,
  parse,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { expect, test } from 'vitest';
import type { Fetch } from '../supergraph/serve-subgraph.ts';
import { startRandomFederation } from './random-federation.ts';
import { randomOperation, variablesOf } from './random-operation.ts';
import { VIEWERS } from './random-rules.ts';
import { choosingFrom, randomSchema } from './random-schema.ts';
import { Reference } from './reference.ts';

/** Each with some operations: always the same ones in `npm test`, and ever new ones, many more, in `npm run test:long`. */
const SCHEMAS = Number(process.env['AMANA_RANDOM_SCHEMAS'] ?? 6);
const OPERATIONS = 40;
const SEED = process.env['AMANA_RANDOM_SCHEMAS'] === undefined ? 20_261_127 : Date.now() % 2 ** 31;

const numbers = (length: number) => fc.array(fc.nat(10_000), { minLength: length, maxLength: length });

interface FetchedField {
  readonly parent: string;
  readonly field: string;
  /** The variable with what names the entities that it is asked for of; of roots, the one before. */
  readonly entities: string;
}

/** The fields of a fetch, each with the type that it is asked for on. */
function fieldsOf(query: string, whole: GraphQLSchema): FetchedField[] {
  const found: FetchedField[] = [];
  const typeInfo = new TypeInfo(whole);
  let entities = '';
  visit(
    parse(query),
    visitWithTypeInfo(typeInfo, {
      Field({ name: { value: field }, arguments: [argument] = [] }) {
        if (field === '_entities' && argument?.value.kind === Kind.VARIABLE) entities = argument.value.name.value;
        found.push({ parent: typeInfo.getParentType()?.name ?? '', field, entities });
      },
    }),
  );
  return found;
}

/** The subgraph that adds to the interface does not know the types of the objects that it is asked about: their ids are. */
function typesAsked({ subgraph, variables }: Fetch, { parent, entities }: FetchedField): readonly string[] {
  const representations = variables[entities];
  if (subgraph !== 'third' || parent !== 'Node' || !Array.isArray(representations)) return [parent];
  return representations.map(({ id }: { id: string }) => id);
}

/** What fetches are read against: the whole, with the way in to entities. */
const withEntities = (whole: GraphQLSchema): GraphQLSchema =>
  extendSchema(
    whole,
    parse(
      'scalar _Any union _Entity = T0 | T1 | T2 extend type Query { _entities(representations: [_Any!]!): [_Entity]! }',
    ),
  );

test(
  'of arbitrary schemas, rules, operations and viewers, what comes back is what each may see, and no more crosses the wire',
  async () => {
    let compared = 0;
    for (const schemaNumbers of fc.sample(numbers(300), { numRuns: SCHEMAS, seed: SEED })) {
      const schema = randomSchema(choosingFrom(schemaNumbers));
      const fetched = withEntities(schema.whole);
      const federation = await startRandomFederation(schema);
      try {
        await fc.assert(
          fc.asyncProperty(numbers(150), fc.constantFrom(...VIEWERS), async (operationNumbers, viewer) => {
            const operation = randomOperation(choosingFrom(operationNumbers), schema.whole);
            const document = parse(operation);
            fc.pre(validate(schema.whole, document).length === 0);
            const definition = getOperationAST(document);
            if (!definition) throw new Error('no operation');
            const reference = new Reference(schema, viewer, document);
            const refused = reference.refused(definition);
            federation.crossed();
            const claims = viewer && { scope: viewer.scopes.join(' '), policies: viewer.policies };
            const { json } = await federation.ask(operation, claims, variablesOf(operation));
            const told = `${operation}\n${JSON.stringify(json)}`;
            expect(json.data, told).toEqual(reference.answer(definition));
            const withheld = new Set(json.extensions.withheld.map((entry: { coordinate: string }) => entry.coordinate));
            expect(withheld, told).toEqual(refused);
            for (const error of json.errors ?? [])
              expect(error.extensions.code, told).toBe('UNAUTHORIZED_FIELD_OR_TYPE');
            for (const fetch of federation.crossed()) {
              for (const one of fieldsOf(fetch.query, fetched)) {
                const { parent, field } = one;
                const types = typesAsked(fetch, one).map((name) => schema.whole.getType(name));
                const isAllowed =
                  ['id', '__typename', '_entities'].includes(field) ||
                  types.every((type) => !isCompositeType(type) || reference.mayAsk(type, field));
                expect(isAllowed, `${parent}.${field} in ${fetch.query}`).toBe(true);
              }
            }
            compared += 1;
          }),
          { numRuns: OPERATIONS, seed: SEED + compared },
        );
      } catch (cause) {
        throw new Error(Object.values(schema.subgraphs).join('\n'), { cause });
      } finally {
        await federation.close();
      }
    }
    expect(compared).toBeGreaterThanOrEqual(SCHEMAS * OPERATIONS);
  },
  20_000 + SCHEMAS * 20_000,
);
