import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  getOperationAST,
  getVariableValues,
  visit,
} from 'graphql';
import { ListedError } from '../../protocol/errors.ts';
import type { SupergraphSnapshot } from '../compose/supergraph-snapshot.ts';
import { isShallow } from '../json-object.ts';
import { type AskedSelection, expandSelections } from './expand-selections.ts';
import { liftLiterals } from './lift-literals.ts';
import { refuseDeepDocument } from './refuse-deep-document.ts';
import { validateDocument } from './validate-document.ts';

/** One valid operation, free of literals, with all that it asks for. */
export interface ResolvedOperation {
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Coerced, lifted literals among them. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly selections: readonly AskedSelection[];
  /** The operation with its fragments, and the hash of that. */
  readonly document: DocumentNode;
  readonly digest: string;
}

interface Request {
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * Selects the operation, lifts its literals, validates it and coerces its variables. Throws
 * `OPERATION_RESOLUTION_FAILURE`, `GRAPHQL_VALIDATION_FAILED`, `BAD_USER_INPUT` or `OPERATION_TOO_COSTLY`. `looked` hears
 * whether a document had been found valid before.
 */
export function resolveOperation(
  snapshot: SupergraphSnapshot,
  document: DocumentNode,
  { operationName, variables: given }: Request,
  most: number,
  looked: (isKnown: boolean) => void = () => {},
): ResolvedOperation {
  refuseDeepDocument(document);
  if (!isShallow(given)) throw new ListedError('OPERATION_TOO_COSTLY');
  const selected = getOperationAST(document, operationName);
  if (!selected) throw new ListedError('OPERATION_RESOLUTION_FAILURE');
  const root = rootTypeOf(snapshot, selected.operation);
  const isAlone = document.definitions.every((node) => node === selected || node.kind === Kind.FRAGMENT_DEFINITION);
  if (!isAlone) validateDocument(snapshot, document, looked);
  const needed = isAlone ? fragmentsOf(document) : reachableFragments(selected, fragmentsOf(document));
  const lifted = liftLiterals(snapshot.apiSchema, selected, [...needed.values()], given);
  const digest = validateDocument(snapshot, lifted.document, looked);

  const operation = getOperationAST(lifted.document);
  if (!operation) throw new ListedError('OPERATION_RESOLUTION_FAILURE');
  const fragments = fragmentsOf(lifted.document);
  const variables = coerceVariables(snapshot, operation, lifted.variables);
  const expansion = { schema: snapshot.apiSchema, fragments, variables, most };
  try {
    const selections = expandSelections(expansion, root, operation.selectionSet);
    return { operation, fragments, variables, selections, document: lifted.document, digest };
  } catch (cause) {
    // A null variable where the argument takes none is found only now ("Coercing Field Arguments").
    throw cause instanceof ListedError ? cause : new ListedError('BAD_USER_INPUT', { cause });
  }
}

/** Custodians offer queries alone; nobody's subscriptions are served. */
function rootTypeOf({ apiSchema }: SupergraphSnapshot, operation: OperationTypeNode): GraphQLObjectType {
  const root = operation === OperationTypeNode.SUBSCRIPTION ? undefined : apiSchema.getRootType(operation);
  if (root) return root;
  const served = apiSchema.getMutationType()
    ? 'Only queries and mutations are served, no subscriptions.'
    : 'Only queries are served, neither mutations nor subscriptions.';
  throw new ListedError('GRAPHQL_VALIDATION_FAILED', { detail: served });
}

/** Implements "Coercing Variable Values"; the fault names the variable, never its value. */
function coerceVariables(
  { apiSchema }: SupergraphSnapshot,
  { variableDefinitions = [] }: OperationDefinitionNode,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { coerced, errors } = getVariableValues(apiSchema, variableDefinitions, given, { maxErrors: 1 });
  if (coerced) return coerced;
  const node = errors[0]?.nodes?.find(({ kind }) => kind === Kind.VARIABLE_DEFINITION);
  const name = node?.kind === Kind.VARIABLE_DEFINITION ? node.variable.name.value : undefined;
  throw new ListedError('BAD_USER_INPUT', {
    ...(name !== undefined && {
      detail: `The variable "$${name}" has a value that does not fit its type, or none where one is needed.`,
    }),
  });
}

function fragmentsOf({ definitions }: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  return new Map(
    definitions.flatMap((node) => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [])),
  );
}

function reachableFragments(
  operation: OperationDefinitionNode,
  all: ReadonlyMap<string, FragmentDefinitionNode>,
): ReadonlyMap<string, FragmentDefinitionNode> {
  const reached = new Map<string, FragmentDefinitionNode>();
  const follow = (node: OperationDefinitionNode | FragmentDefinitionNode): void => {
    visit(node, {
      FragmentSpread({ name }) {
        const fragment = all.get(name.value);
        if (!fragment || reached.has(name.value)) return;
        reached.set(name.value, fragment);
        follow(fragment);
      },
    });
  };
  follow(operation);
  return reached;
}
