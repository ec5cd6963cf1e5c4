import {
  type ExecutionResult,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  execute,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isListType,
  isNonNullType,
  parse,
} from 'graphql';

/** Answers a document with a value for every field that follows from where it stands, but null at the paths refused (dotted, list positions left out). */
export const executeWithKnownValues = (
  schema: GraphQLSchema,
  query: string,
  variables: Record<string, unknown>,
  refused: ReadonlySet<string> = new Set(),
): ExecutionResult | Promise<ExecutionResult> =>
  execute({
    schema,
    document: parse(query),
    variableValues: variables,
    fieldResolver: (_source, _args, _context, info) =>
      refused.has(pathOf(info)) ? null : valueOf(info.returnType, info, 0),
    typeResolver: (value: { type: string }) => value.type,
  });

/** The names of the fields on the way, list positions left out. */
function pathOf({ path }: GraphQLResolveInfo): string {
  const keys: string[] = [];
  for (let at: GraphQLResolveInfo['path'] | undefined = path; at; at = at.prev)
    if (typeof at.key === 'string') keys.unshift(at.key);
  return keys.join('.');
}

function valueOf(type: GraphQLOutputType, info: GraphQLResolveInfo, index: number): unknown {
  if (isNonNullType(type)) return valueOf(type.ofType, info, index);
  if (isListType(type)) return [0, 1].map((item) => valueOf(type.ofType, info, item));
  const named: GraphQLNamedType = getNamedType(type);
  if (isAbstractType(named)) return { type: info.schema.getPossibleTypes(named)[index]?.name };
  if (isCompositeType(named)) return { type: named.name };
  if (named.name === 'Boolean') return true;
  return ['Int', 'Float'].includes(named.name) ? 7 : `value of ${info.parentType.name}.${info.fieldName}`;
}
