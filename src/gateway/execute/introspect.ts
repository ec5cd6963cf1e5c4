import { setImmediate } from 'node:timers/promises';
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLObjectType,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  __Schema,
  execute,
  visit,
} from 'graphql';
import type { JsonObject } from '../json-object.ts';
import type { AskedSelection } from '../resolve/expand-selections.ts';
import { variablesIn } from '../used-variables.ts';

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** What an operation asks of the schema itself ("Schema Introspection"): on its root, fragments spread out. */
export const askedOfSchema = (selections: readonly AskedSelection[]): FieldNode[] =>
  selections.flatMap((selection) =>
    selection.kind === 'field' && isIntrospection(selection.node) ? [selection.node] : [],
  );

/**
 * Answers what is asked of the schema, some types at a time, between which others are served: the whole of a large one
 * takes hundreds of milliseconds.
 */
export async function introspect(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  selections: readonly SelectionNode[],
  fragments: Fragments,
  variables: Readonly<Record<string, unknown>>,
): Promise<JsonObject> {
  const selectionSet: SelectionSetNode = { kind: Kind.SELECTION_SET, selections };
  const asked: OperationDefinitionNode = { ...operation, directives: [], variableDefinitions: [], selectionSet };
  const document: DocumentNode = { kind: Kind.DOCUMENT, definitions: [asked, ...fragments.values()] };
  const used = variablesIn(document);
  const { variableDefinitions = [] } = operation;
  const own = variableDefinitions.filter(({ variable }) => used.has(variable.name.value));
  const { data, errors } = await execute({
    schema: inPieces(schema),
    document: visit(
      {
        ...document,
        definitions: [{ ...asked, variableDefinitions: own }, ...fragments.values()],
      },
      { Field: (node) => (node.name.value === SchemaMetaFieldDef.name ? ofPieces(node) : undefined) },
    ),
    variableValues: variables,
  });
  if (!data || errors) throw new Error('a valid question about the schema was not answered', { cause: errors?.[0] });
  return data;
}

const isIntrospection = ({ name: { value } }: FieldNode): boolean =>
  value === SchemaMetaFieldDef.name || value === TypeMetaFieldDef.name;

/** The name under which the root has a schema whose types come in pieces; no field of GraphQL's own can be given another resolver. */
const IN_PIECES = 'schemaInPieces';

const ofPieces = (node: FieldNode): FieldNode => ({
  ...node,
  alias: node.alias ?? node.name,
  name: { ...node.name, value: IN_PIECES },
});

const config = __Schema.toConfig();
const schemaInPieces = new GraphQLObjectType<GraphQLSchema>({
  ...config,
  fields: {
    ...config.fields,
    types: {
      ...config.fields['types'],
      type: __Schema.getFields()['types']?.type ?? __Schema,
      resolve: (schema) => pieceByPiece(Object.values(schema.getTypeMap())),
    },
  },
});

function inPieces(schema: GraphQLSchema): GraphQLSchema {
  const name = schema.getQueryType()?.name ?? 'Query';
  const root = new GraphQLObjectType({
    name,
    fields: { [IN_PIECES]: { type: schemaInPieces, resolve: () => schema } },
  });
  const own = new Map([root, schemaInPieces].map((type) => [type.name, type]));
  const facade: GraphQLSchema = Object.create(schema);
  return Object.assign(facade, {
    getQueryType: () => root,
    getType: (type: string) => own.get(type) ?? schema.getType(type),
  });
}

const PIECE = 20;

function pieceByPiece<Item>(items: readonly Item[]): Promise<Item>[] {
  let turn = Promise.resolve();
  return items.map((item, n) => {
    if (n % PIECE === 0) turn = turn.then(() => setImmediate());
    return turn.then(() => item);
  });
}
