import { type ASTNode, type OperationDefinitionNode, visit } from 'graphql';

/** The name that is wanted, or one like it that is not taken. */
export function freeName(wanted: string, taken: ReadonlySet<string>): string {
  return taken.has(wanted) ? freeName(`${wanted}_`, taken) : wanted;
}

/**
 * The operation's variables with the names that they go by from here on: their own, but for the one in which the
 * executor hands representations to a subgraph (Federation subgraph specification, `_entities`), for those that every
 * JavaScript object has already, and for those that begin as the gateway's own do.
 */
export function safeNames({ variableDefinitions = [] }: OperationDefinitionNode): ReadonlyMap<string, string> {
  const declared = new Set(variableDefinitions.map(({ variable }) => variable.name.value));
  const isSafe = (name: string): boolean =>
    name !== 'representations' && !name.startsWith('__') && !(name in Object.prototype);
  const taken = new Set(declared);
  return new Map(
    Array.from(declared, (name) => {
      const safe = isSafe(name) ? name : freeName(`own_${name}`, taken);
      taken.add(safe);
      return [name, safe];
    }),
  );
}

/** The same with other names for its variables. */
export function renameVariables<Node extends ASTNode>(node: Node, names: ReadonlyMap<string, string>): Node {
  if (Array.from(names).every(([name, safe]) => name === safe)) return node;
  return visit(node, {
    Variable: ({ name, ...rest }) => ({ ...rest, name: { ...name, value: names.get(name.value) ?? name.value } }),
  });
}
