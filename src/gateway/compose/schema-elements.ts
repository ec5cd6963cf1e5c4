import {
  type ConstDirectiveNode,
  type DocumentNode,
  type EnumValueDefinitionNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  type TypeDefinitionNode,
  type TypeExtensionNode,
  isTypeDefinitionNode,
  isTypeExtensionNode,
} from 'graphql';
import type { LinkedElement, Links } from './linked-elements.ts';

/** A directive on an element, known by the specification it comes from. */
export interface AppliedDirective {
  readonly localName: string;
  readonly element: LinkedElement | undefined;
  readonly node: ConstDirectiveNode;
}

type DefinitionOrExtension = TypeDefinitionNode | TypeExtensionNode;

interface Common {
  /** A schema coordinate: `Type`, `Type.field`, `Type.field(argument:)`, `Input.field`, `Enum.VALUE`. */
  readonly coordinate: string;
  readonly directives: readonly AppliedDirective[];
}

/** One element of a schema to which directives may be attached. */
export type SchemaElement = Common &
  (
    | { readonly kind: 'type'; readonly node: DefinitionOrExtension }
    | { readonly kind: 'field'; readonly type: string; readonly node: FieldDefinitionNode }
    | { readonly kind: 'argument'; readonly field: string; readonly node: InputValueDefinitionNode }
    | { readonly kind: 'inputField'; readonly type: string; readonly node: InputValueDefinitionNode }
    | { readonly kind: 'enumValue'; readonly type: string; readonly node: EnumValueDefinitionNode }
  );

/** Every type, field, argument, input field and enum value of a document, extensions like definitions, in document order. */
export function* schemaElements(document: DocumentNode, links: Links): Generator<SchemaElement> {
  const applied = (nodes: readonly ConstDirectiveNode[] = []): AppliedDirective[] =>
    nodes.map((node) => appliedDirective(node, links));
  for (const node of document.definitions) {
    if (!isTypeDefinitionNode(node) && !isTypeExtensionNode(node)) continue;
    const type = node.name.value;
    yield { kind: 'type', coordinate: type, directives: applied(node.directives), node };
    for (const value of 'values' in node ? (node.values ?? []) : []) {
      const coordinate = `${type}.${value.name.value}`;
      yield { kind: 'enumValue', type, coordinate, directives: applied(value.directives), node: value };
    }
    for (const field of fieldsOf(node)) {
      const coordinate = `${type}.${field.name.value}`;
      if (field.kind === Kind.INPUT_VALUE_DEFINITION) {
        yield { kind: 'inputField', type, coordinate, directives: applied(field.directives), node: field };
        continue;
      }
      yield { kind: 'field', type, coordinate, directives: applied(field.directives), node: field };
      for (const argument of field.arguments ?? []) {
        yield {
          kind: 'argument',
          field: coordinate,
          coordinate: `${coordinate}(${argument.name.value}:)`,
          directives: applied(argument.directives),
          node: argument,
        };
      }
    }
  }
}

/** The directives on the schema itself: its links, and what it composes. */
export function schemaDirectives(document: DocumentNode, links: Links): AppliedDirective[] {
  return document.definitions
    .flatMap((node) =>
      node.kind === Kind.SCHEMA_DEFINITION || node.kind === Kind.SCHEMA_EXTENSION ? (node.directives ?? []) : [],
    )
    .map((node) => appliedDirective(node, links));
}

const appliedDirective = (node: ConstDirectiveNode, links: Links): AppliedDirective => ({
  localName: node.name.value,
  element: links.directive(node.name.value),
  node,
});

function fieldsOf(node: DefinitionOrExtension): readonly (FieldDefinitionNode | InputValueDefinitionNode)[] {
  return 'fields' in node ? (node.fields ?? []) : [];
}
