import { type DocumentNode, Kind } from 'graphql';
import { type Demand, NOTHING, bothDemands, demandOf, isNothing } from './demand.ts';
import { JOIN, argumentOf, guardingField, isDirective, isGuardedBy } from './directive-arguments.ts';
import { Links } from './linked-elements.ts';
import { type AppliedDirective, type SchemaElement, schemaElements } from './schema-elements.ts';

/** What the gateway itself must know of a supergraph, by schema coordinate. */
export interface SupergraphFacts {
  /** What guards a type or a field, where anything does. */
  readonly demands: ReadonlyMap<string, Demand>;
  /** The subgraphs that resolve a type or a field. */
  readonly owners: ReadonlyMap<string, readonly string[]>;
  /** The fields (`Type.field`) that an argument or input field reads when it filters. */
  readonly guardedBy: ReadonlyMap<string, readonly string[]>;
  /** The selections (`price weight`) that a subgraph is handed when it resolves a field (`@requires`). */
  readonly requires: ReadonlyMap<string, readonly string[]>;
  /** Every name in the selections that subgraphs are handed of each other's: of keys, and of those above. */
  readonly handedNames: ReadonlySet<string>;
  /** The labels of progressive `@override`s. */
  readonly overrideLabels: readonly string[];
}

/** Reads guards and owners from a composed supergraph; directives are known by what they link, never by their local names. */
export function readSupergraph(document: DocumentNode): SupergraphFacts {
  const links = new Links(document);
  const subgraphs = readGraphs(document, links);
  const demands = new Map<string, Demand>();
  const owners = new Map<string, readonly string[]>();
  const guardedBy = new Map<string, readonly string[]>();
  const requires = new Map<string, readonly string[]>();
  const handedNames = new Set<string>();
  const overrideLabels = new Set<string>();
  for (const element of schemaElements(document, links)) {
    const { coordinate, directives, kind } = element;
    const demand = demandOf(directives);
    if (!isNothing(demand)) demands.set(coordinate, bothDemands(demands.get(coordinate) ?? NOTHING, demand));
    const fields = directives.filter(isGuardedBy).map(guardingField);
    if (fields.length > 0) guardedBy.set(coordinate, fields);
    if (kind === 'type') owners.set(coordinate, graphsIn(directives, 'type', subgraphs));
    if (kind === 'field') owners.set(coordinate, fieldOwners(element, subgraphs) ?? owners.get(element.type) ?? []);
    const selections = joined(directives, 'field', 'requires');
    if (selections.length > 0) requires.set(coordinate, selections);
    for (const selection of [...selections, ...joined(directives, 'type', 'key')])
      for (const [name] of selection.matchAll(/\w+/gu)) handedNames.add(name);
    for (const label of joined(directives, 'field', 'overrideLabel')) overrideLabels.add(label);
  }
  return { demands, owners, guardedBy, requires, handedNames, overrideLabels: [...overrideLabels] };
}

/** What the `@join__field`s of a field, or the `@join__type`s of a type, give as one of their arguments. */
const joined = (directives: readonly AppliedDirective[], name: 'field' | 'type', argument: string): string[] =>
  directives
    .filter((directive) => isDirective(directive, name, JOIN))
    .map((directive) => argumentOf(directive, argument))
    .filter((value) => typeof value === 'string');

/** Without a `@join__field` that names a graph, all graphs of the type resolve the field (join v0.5, `@join__field`). */
function fieldOwners(
  { directives }: SchemaElement,
  subgraphs: ReadonlyMap<string, string>,
): readonly string[] | undefined {
  const resolving = directives.filter(
    (directive) =>
      isDirective(directive, 'field', JOIN) &&
      argumentOf(directive, 'external') !== true &&
      argumentOf(directive, 'usedOverridden') !== true,
  );
  const graphs = graphsIn(resolving, 'field', subgraphs);
  return graphs.length === 0 ? undefined : graphs;
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
