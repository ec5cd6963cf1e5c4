import {
  type DocumentNode,
  type FieldNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  TypeInfo,
  getArgumentValues,
  getVariableValues,
  separateOperations,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { z } from 'zod';
import { ListedError } from '../../protocol/errors.ts';
import { OPERATION_BOUNDS } from '../../protocol/operation-bounds.ts';
import { type Requirement, both } from '../../protocol/requirements.ts';
import { cursorBinding } from './connection-read.ts';
import { positionIn } from './list-position.ts';
import { measureOperation } from './measure-operation.ts';
import { pageSize } from './page.ts';
import type { ViewerRequest } from './viewer-request.ts';

/** An operation as Apollo Server resolved it. */
export interface AskedOperation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** A field with its coerced arguments, as the operation asks for it. */
interface AskedField {
  readonly coordinate: string;
  readonly field: GraphQLField<unknown, unknown>;
  readonly values: Readonly<Record<string, unknown>>;
}

const Representation = z.object({ __typename: z.string().max(100), id: z.string().min(1).max(100) });
const PERSONS_AT_MOST = 200;

/**
 * Checks a whole operation before anything is read, and enters the guarded coordinates in the account. Throws
 * `GRAPHQL_VALIDATION_FAILED` for anything but a query, `BAD_USER_INPUT`, `OPERATION_TOO_COSTLY`, `PAGE_TOO_LARGE`,
 * `FILTER_WITHHELD` or `CURSOR_INVALID`.
 */
export function checkOperation(asked: AskedOperation, request: ViewerRequest): void {
  // Where a schema has no mutations, validation says nothing against one.
  if (asked.operation.operation !== OperationTypeNode.QUERY) throw new ListedError('GRAPHQL_VALIDATION_FAILED');
  const fields = askedFields(asked);
  const { rules } = request.subgraph;
  for (const { coordinate } of fields) {
    if (rules.requirementOf(coordinate).length > 0) request.account.coordinates.add(coordinate);
  }
  measureOperation(asked.document, asked.operation);
  for (const field of fields) {
    refuseUnreasonable(field, asked.schema);
    for (const id of personsAsked(field)) request.account.persons.add(id);
    refuseFilter(field, request);
    refuseCursor(field, request);
  }
}

function askedFields({ schema, document, operation, variables }: AskedOperation): AskedField[] {
  const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
  if (errors) throw new ListedError('BAD_USER_INPUT');
  const fields: AskedField[] = [];
  const types = new TypeInfo(schema);
  const own = separateOperations(document)[operation.name?.value ?? ''] ?? document;
  visit(
    own,
    visitWithTypeInfo(types, {
      [Kind.FIELD](node: FieldNode) {
        const [parent, field] = [types.getParentType(), types.getFieldDef()];
        if (!parent || !field) return;
        fields.push({ coordinate: `${parent.name}.${field.name}`, field, values: argumentsOf(field, node, coerced) });
      },
    }),
  );
  return fields;
}

function argumentsOf(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: Record<string, unknown>,
): Record<string, unknown> {
  try {
    return getArgumentValues(field, node, variables);
  } catch (error) {
    if (error instanceof GraphQLError) throw new ListedError('BAD_USER_INPUT', { cause: error });
    throw error;
  }
}

function refuseUnreasonable({ coordinate, values }: AskedField, schema: GraphQLSchema): void {
  if ('first' in values && pageSize(values['first']) === undefined) throw new ListedError('PAGE_TOO_LARGE');
  if (coordinate === 'Query._entities') refuseRepresentations(values['representations'], schema);
  const { ids } = values;
  if (Array.isArray(ids) && ids.length > PERSONS_AT_MOST) throw new ListedError('PAGE_TOO_LARGE');
}

/** The ids by which a root field asks for persons; what was asked is entered also where nobody is found. */
function personsAsked({ coordinate, values: { id, ids, representations } }: AskedField): string[] {
  if (!coordinate.startsWith('Query.')) return [];
  const entities = z.array(Representation).safeParse(representations);
  return [id, ids, entities.data?.map((entity) => entity.id)].flat().filter((asked) => typeof asked === 'string');
}

/** Persons are the only entities: anything else among the representations is refused, and said alike of all. */
function refuseRepresentations(representations: unknown, schema: GraphQLSchema): void {
  const parsed = z.array(Representation).safeParse(representations);
  const entities = schema.getType('_Entity');
  const names = entities && 'getTypes' in entities ? entities.getTypes().map(({ name }) => name) : [];
  if (!parsed.success || parsed.data.some(({ __typename }) => !names.includes(__typename))) {
    throw new ListedError('BAD_USER_INPUT');
  }
  if (parsed.data.length > OPERATION_BOUNDS.representations) throw new ListedError('OPERATION_TOO_COSTLY');
}

/** Filters are reads: the filters of a field, and it with them where it is not withheld, need one grant that does it all. */
function refuseFilter({ coordinate, field, values }: AskedField, { access, subgraph }: ViewerRequest): void {
  const filters = subgraph.rules.requirementOfArguments(field, values);
  const own = subgraph.rules.requirementOf(coordinate);
  const needed: Requirement = access.carries(own) ? both(own, filters) : filters;
  if (filters.length > 0 && !access.carries(needed)) throw new ListedError('FILTER_WITHHELD');
}

function refuseCursor({ coordinate, values }: AskedField, request: ViewerRequest): void {
  const { after } = values;
  if (!('first' in values)) return;
  positionIn(values);
  if (after === undefined || after === null) return;
  const position = request.subgraph.cursors.open(cursorBinding(request, coordinate, values), String(after));
  if (!position) throw new ListedError('CURSOR_INVALID');
}
