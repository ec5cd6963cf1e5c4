import { type DocumentNode, Kind } from 'graphql';
import { type Requirement, both } from '../../protocol/requirements.ts';
import {
  JOIN,
  argumentOf,
  guardingField,
  isDirective,
  isGuardedBy,
  isRequiresScopes,
  scopesOf,
} from './directive-arguments.ts';
import { Links } from './linked-elements.ts';
import { type AppliedDirective, type SchemaElement, schemaElements } from './schema-elements.ts';

/** What the gateway itself must know of a supergraph, by schema coordinate. */
export interface SupergraphFacts {
  /** What `@requiresScopes` demands of a type or a field. */
  readonly requirements: ReadonlyMap<string, Requirement>;
  /** The subgraphs that resolve a type or a field. */
  readonly owners: ReadonlyMap<string, readonly string[]>;
  /** The fields (`Type.field`) that an argument or input field reads when it filters. */
  readonly guardedBy: ReadonlyMap<string, readonly string[]>;
}

/** Reads guards and owners from a composed supergraph; directives are known by what they link, never by their local names. */
export function readSupergraph(document: DocumentNode): SupergraphFacts {
  const links = new Links(document);
  const subgraphs = readGraphs(document, links);
  const requirements = new Map<string, Requirement>();
  const owners = new Map<string, readonly string[]>();
  const guardedBy = new Map<string, readonly string[]>();
  for (const element of schemaElements(document, links)) {
    const { coordinate, directives, kind } = element;
    const requirement = directives.filter(isRequiresScopes).map(scopesOf).reduce(both, []);
    if (requirement.length > 0) requirements.set(coordinate, requirement);
    const fields = directives.filter(isGuardedBy).map(guardingField);
    if (fields.length > 0) guardedBy.set(coordinate, fields);
    if (kind === 'type') owners.set(coordinate, graphsIn(directives, 'type', subgraphs));
    if (kind === 'field') owners.set(coordinate, fieldOwners(element, subgraphs) ?? owners.get(element.type) ?? []);
  }
  return { requirements, owners, guardedBy };
}

/** Without a `@join__field` that names a graph, all graphs of the type resolve the field (join v0.5, `@join__field`). */
function fieldOwners(
  { directives }: SchemaElement,
  subgraphs: ReadonlyMap<string, string>,
): readonly string[] | undefined {
  const joined = directives.filter((directive) => isDirective(directive, 'field', JOIN));
  const resolving = joined.filter(
    (directive) => argumentOf(directive, 'external') !== true && argumentOf(directive, 'usedOverridden') !== true,
  );
  return joined.length === 0 ? undefined : graphsIn(resolving, 'field', subgraphs);
}

function graphsIn(
  directives: readonly AppliedDirective[],
  name: string,
  subgraphs: ReadonlyMap<string, string>,
): string[] {
  const graphs = directives
    .filter((directive) => isDirective(directive, name, JOIN))
    .map((directive) => subgraphs.get(String(argumentOf(directive, 'graph'))));
  return [...new Set(graphs.filter((graph) => graph !== undefined))];
}

/** The enum `join__Graph`: graph name in the supergraph → subgraph name. */
function readGraphs(document: DocumentNode, links: Links): ReadonlyMap<string, string> {
  const graphs = document.definitions.find((node) => {
    const type = node.kind === Kind.ENUM_TYPE_DEFINITION ? links.type(node.name.value) : undefined;
    return type?.specification === JOIN && type.name === 'Graph';
  });
  const values = graphs?.kind === Kind.ENUM_TYPE_DEFINITION ? (graphs.values ?? []) : [];
  return new Map(
    values.map(({ name, directives = [] }) => {
      const applied = directives.map((node) => ({
        localName: node.name.value,
        element: links.directive(node.name.value),
        node,
      }));
      const graph = applied.find((directive) => isDirective(directive, 'graph', JOIN));
      return [name.value, graph ? String(argumentOf(graph, 'name')) : name.value];
    }),
  );
}
