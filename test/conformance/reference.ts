import {
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type OperationDefinitionNode,
  type DocumentNode,
  type FragmentSpreadNode,
  type InlineFragmentNode,
  type SelectionNode,
  Kind,
  doTypesOverlap,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { type Viewer, meets } from './random-rules.ts';
import type { RandomSchema } from './random-schema.ts';
import { type TypedObject, valueOf } from './random-values.ts';
import { type Selections, type Written, insideOf, isAsked, selectionsOf } from './written-selections.ts';

/** In place of what takes no null. */
class NoNull extends Error {}

/** The slow and obvious way: every field judged where it is written, by all types that it may be on and may return. */
export class Reference {
  readonly #schema: RandomSchema;
  readonly #viewer: Viewer;
  readonly #document: DocumentNode;

  constructor(schema: RandomSchema, viewer: Viewer, document: DocumentNode) {
    this.#schema = schema;
    this.#viewer = viewer;
    this.#document = document;
  }

  mayAsk(type: GraphQLCompositeType, field: string): boolean {
    return this.#typesOf(type).every((parent) => {
      if (field === '__typename') return this.#meets(parent.name);
      const definition = isObjectType(parent) ? parent.getFields()[field] : undefined;
      if (!definition) return false;
      const returned = getNamedType(definition.type);
      const results = isCompositeType(returned) ? this.#typesOf(returned) : [returned];
      return [parent.name, `${parent.name}.${field}`, ...results.map(({ name }) => name)].every((name) =>
        this.#meets(name),
      );
    });
  }

  /** The answer that the viewer may have: what is refused is null, and takes along what the specification says. */
  answer(operation: OperationDefinitionNode): unknown {
    const root = this.#schema.whole.getRootType(operation.operation);
    if (!root) throw new Error('no such root');
    return this.#orNull(() => this.#object(selectionsOf(operation.selectionSet.selections, root), root));
  }

  /** The coordinates of all that is asked for and refused. */
  refused(operation: OperationDefinitionNode): ReadonlySet<string> {
    const found = new Set<string>();
    const look = (node: SelectionNode, parent: GraphQLCompositeType): void => {
      if (!isAsked(node)) return;
      if (node.kind !== Kind.FIELD) {
        const { condition, inside } = this.#within(node, parent);
        if (!doTypesOverlap(this.#schema.whole, parent, condition)) return;
        for (const one of inside) look(one.node, one.parent);
        return;
      }
      const name = node.name.value;
      if (!this.mayAsk(parent, name)) found.add(`${parent.name}.${name}`);
      else for (const one of insideOf({ node, parent })) look(one.node, one.parent);
    };
    const root = this.#schema.whole.getRootType(operation.operation);
    if (root) for (const node of operation.selectionSet.selections) look(node, root);
    return found;
  }

  #object(selections: Selections, type: GraphQLObjectType): Record<string, unknown> {
    const byKey = Map.groupBy(this.#collect(selections, type), ({ node }) => node.alias?.value ?? node.name.value);
    return Object.fromEntries(Array.from(byKey, ([key, written]) => [key, this.#field(written, type)]));
  }

  #field(written: readonly Written[], type: GraphQLObjectType): unknown {
    const name = written[0]?.node.name.value ?? '';
    const allowed = written.filter(({ node, parent }) => this.mayAsk(parent, node.name.value));
    if (name === '__typename') {
      if (allowed.length === 0) throw new NoNull();
      return type.name;
    }
    const definition = type.getFields()[name];
    if (!definition) throw new Error('an odd field');
    const value = allowed.length > 0 ? valueOf(this.#schema.whole, type.name, name) : null;
    const inside = allowed.flatMap(insideOf);
    return this.#complete(definition.type, value, inside);
  }

  /** Implements "Value Completion" and "Handling Execution Errors". */
  #complete(type: GraphQLOutputType, value: unknown, inside: Selections): unknown {
    if (isNonNullType(type)) {
      if (value === null) throw new NoNull();
      return this.#completeNullable(type.ofType, value, inside);
    }
    return value === null ? null : this.#orNull(() => this.#completeNullable(type, value, inside));
  }

  #completeNullable(type: GraphQLOutputType, value: unknown, inside: Selections): unknown {
    if (isListType(type) && Array.isArray(value))
      return value.map((item: unknown) => this.#complete(type.ofType, item, inside));
    if (!isCompositeType(type)) return value;
    const object = this.#schema.whole.getType((value as TypedObject).__typename);
    if (!isObjectType(object)) throw new Error('an odd object');
    return this.#object(inside, object);
  }

  #orNull(make: () => unknown): unknown {
    try {
      return make();
    } catch (cause) {
      if (cause instanceof NoNull) return null;
      throw cause;
    }
  }

  /** Implements "Collecting Fields", each with the type that it is written on: the narrowest one around it. */
  #collect(selections: Selections, object: GraphQLObjectType): Written[] {
    return selections.flatMap(({ node, parent }): Written[] => {
      if (!isAsked(node)) return [];
      if (node.kind === Kind.FIELD) return [{ node, parent }];
      const { condition, inside } = this.#within(node, parent);
      return this.#typesOf(condition).includes(object) ? this.#collect(inside, object) : [];
    });
  }

  #within(node: FragmentSpreadNode | InlineFragmentNode, parent: GraphQLCompositeType) {
    const fragment = node.kind === Kind.INLINE_FRAGMENT ? node : this.#fragment(node.name.value);
    const condition = this.#schema.whole.getType(fragment.typeCondition?.name.value ?? parent.name);
    if (!isCompositeType(condition)) throw new Error('an odd fragment');
    const on = isObjectType(parent) ? parent : condition;
    return { condition, inside: selectionsOf(fragment.selectionSet.selections, on) };
  }

  #fragment(name: string) {
    const found = this.#document.definitions.find(
      (node) => node.kind === Kind.FRAGMENT_DEFINITION && node.name.value === name,
    );
    if (found?.kind !== Kind.FRAGMENT_DEFINITION) throw new Error('no such fragment');
    return found;
  }

  #typesOf(type: GraphQLCompositeType): readonly GraphQLCompositeType[] {
    return isAbstractType(type) ? this.#schema.whole.getPossibleTypes(type) : [type];
  }

  #meets(coordinate: string): boolean {
    return (this.#schema.rules.get(coordinate) ?? []).every((rule) => meets(this.#viewer, rule));
  }
}
