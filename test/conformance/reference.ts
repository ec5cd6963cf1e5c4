import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  type DocumentNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  getNamedType,
  getOperationAST,
  isAbstractType,
  isCompositeType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { NONE, type RandomSchema, type Results, leafOf, resultsAt } from './random-schema.ts';

/** Who asks: nobody where there are no scopes at all; and the policies that are granted. */
export interface Viewer {
  readonly scopes: readonly string[] | undefined;
  readonly policies: readonly string[];
}

interface Asked {
  readonly node: FieldNode;
  readonly isAllowed: boolean;
}

/** Conditions' variables: the same in every operation. */
export const VARIABLES: Readonly<Record<string, boolean>> = { yes: true, no: false };

/** The slow and obvious way: every field judged where it is written, by all types that it may be on and may return. */
export class Reference {
  readonly #schema: RandomSchema;
  readonly #viewer: Viewer;
  readonly #fragments = new Map<string, FragmentDefinitionNode>();

  constructor(schema: RandomSchema, viewer: Viewer) {
    this.#schema = schema;
    this.#viewer = viewer;
  }

  mayAsk(type: GraphQLCompositeType, field: string): boolean {
    if (field === '__typename') return this.#typesOf(type).every(({ name }) => this.#meets(name));
    return this.#typesOf(type).every((parent) => {
      const definition = isObjectType(parent) ? parent.getFields()[field] : undefined;
      if (!definition) return false;
      const returned = getNamedType(definition.type);
      const results = isCompositeType(returned) ? this.#typesOf(returned) : [returned];
      return [parent.name, `${parent.name}.${field}`, ...results.map(({ name }) => name)].every((name) =>
        this.#meets(name),
      );
    });
  }

  /** What is answered to the operation of a document; null where something at its root needs a value and has none. */
  answer(document: DocumentNode): unknown {
    const operation = getOperationAST(document);
    const root = operation && this.#schema.whole.getRootType(operation.operation);
    if (!operation || !root) throw new Error('no operation');
    for (const node of document.definitions)
      if (node.kind === Kind.FRAGMENT_DEFINITION) this.#fragments.set(node.name.value, node);
    return this.#object([operation.selectionSet], root, root.name);
  }

  #object(sets: readonly SelectionSetNode[], declared: GraphQLCompositeType, concrete: string): unknown {
    const object = this.#schema.whole.getType(concrete);
    if (!isObjectType(object)) throw new Error('an odd object');
    const byKey = new Map<string, Asked[]>();
    for (const set of sets) this.#collect(set.selections, declared, concrete, byKey);
    const answer: Record<string, unknown> = {};
    for (const [key, asked] of byKey) {
      const name = asked[0]?.node.name.value ?? '';
      const type = object.getFields()[name]?.type;
      const allowed = asked.filter(({ isAllowed }) => isAllowed).map(({ node }) => node);
      const value = allowed.length > 0 ? this.#value(concrete, name, type, allowed) : null;
      if (value === null && (name === '__typename' || isNonNullType(type))) return null;
      answer[key] = value;
    }
    return answer;
  }

  #collect(
    selections: readonly SelectionNode[],
    type: GraphQLCompositeType,
    concrete: string,
    byKey: Map<string, Asked[]>,
  ): void {
    const { whole } = this.#schema;
    for (const selection of selections) {
      if (!isIncluded(selection)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        const asked = { node: selection, isAllowed: this.mayAsk(type, selection.name.value) };
        byKey.set(key, [...(byKey.get(key) ?? []), asked]);
        continue;
      }
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? this.#fragments.get(selection.name.value) : selection;
      const condition = whole.getType(fragment?.typeCondition?.name.value ?? '');
      const object = whole.getType(concrete);
      if (!fragment || !isCompositeType(condition) || !isObjectType(object)) throw new Error('an odd fragment');
      const applies = condition === object || (isAbstractType(condition) && whole.isSubType(condition, object));
      if (applies)
        this.#collect(fragment.selectionSet.selections, isObjectType(type) ? type : condition, concrete, byKey);
    }
  }

  #value(concrete: string, name: string, type: GraphQLOutputType | undefined, nodes: readonly FieldNode[]): unknown {
    if (name === '__typename') return concrete;
    if (!type) throw new Error('an odd field');
    const returned = getNamedType(type);
    if (!isCompositeType(returned)) return leafOf(concrete, name);
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    return this.#completed(type, resultsAt(this.#schema, concrete, name), (result) =>
      this.#object(sets, returned, result),
    );
  }

  /** A null where none may be is one further up ("Handling Execution Errors"). */
  #completed(type: GraphQLOutputType, results: Results, object: (result: string) => unknown): unknown {
    const inner = isNonNullType(type) ? type.ofType : type;
    if (!isListType(inner)) return typeof results === 'string' ? object(results) : null;
    const items = (typeof results === 'string' ? [results] : results).map((one) =>
      this.#completed(inner.ofType, one, object),
    );
    return isNonNullType(inner.ofType) && items.includes(null) ? null : items;
  }

  #typesOf(type: GraphQLCompositeType): readonly GraphQLCompositeType[] {
    return isAbstractType(type) ? this.#schema.whole.getPossibleTypes(type) : [type];
  }

  #meets(coordinate: string): boolean {
    const { authenticated, scopes, policies } = this.#schema.rules.get(coordinate) ?? NONE;
    const meets = (needed: readonly (readonly string[])[], held: readonly string[] = []): boolean =>
      needed.length === 0 || needed.some((all) => all.every((one) => held.includes(one)));
    if (authenticated && this.#viewer.scopes === undefined) return false;
    return meets(scopes, this.#viewer.scopes) && meets(policies, this.#viewer.policies);
  }
}

function isIncluded({ directives = [] }: SelectionNode): boolean {
  return directives.every(({ name, arguments: [argument] = [] }) => {
    const value = argument?.value.kind === Kind.VARIABLE && VARIABLES[argument.value.name.value];
    return name.value === 'skip' ? !value : value;
  });
}
