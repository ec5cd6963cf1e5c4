import { Supergraph } from '@apollo/federation-internals';
import { parse, print, printSchema } from 'graphql';
import { satisfies } from '../../protocol/requirements.ts';
import {
  AMANA,
  FEDERATION,
  LINK,
  guardingField,
  isGuardedBy,
  isInaccessible,
  isRequiresScopes,
  scopesOf,
} from './directive-arguments.ts';
import { Links } from './linked-elements.ts';
import { type SchemaElement, schemaElements } from './schema-elements.ts';
import { stripSupergraph } from './strip-supergraph.ts';
import type { SubgraphSchema } from './subgraph-schema.ts';

/** Something of one subgraph that is not in the supergraph: an element, or a guard of one. */
export interface Lost {
  readonly rule: 'no-element-lost' | 'no-guard-lost';
  readonly subgraph: string;
  readonly message: string;
}

/**
 * What the schemas have and a supergraph (SDL) has not: elements that its clients would not see, though they are not
 * hidden from them, and guards, lost by a
 * rename, a shadowed definition, or a merge that dropped them.
 */
export function lostInComposition(schemas: readonly SubgraphSchema[], supergraph: string): Lost[] {
  const document = parse(supergraph);
  const links = new Links(document);
  const composed = new Map([...schemaElements(document, links)].map((element) => [element.coordinate, element]));
  const api = Supergraph.build(print(stripSupergraph(document)))
    .apiSchema()
    .toGraphQLJSSchema();
  const seen = new Set([...schemaElements(parse(printSchema(api)), links)].map(({ coordinate }) => coordinate));
  return schemas.flatMap((schema) =>
    schema.elements.flatMap((element): Lost[] => {
      const { coordinate } = element;
      const { subgraph } = schema;
      const survivor = composed.get(coordinate);
      const isThere = element.directives.some(isInaccessible) ? survivor !== undefined : seen.has(coordinate);
      if (!isThere && !isMachinery(schema, coordinate))
        return [{ rule: 'no-element-lost', subgraph, message: `${coordinate} was lost in composition` }];
      return survivor === undefined || keepsGuards(element, survivor)
        ? []
        : [{ rule: 'no-guard-lost', subgraph, message: `a guard of ${coordinate} was lost in composition` }];
    }),
  );
}

/** What a subgraph library may print with the schema and clients never see: Federation's and the links' own elements. */
function isMachinery({ links }: SubgraphSchema, coordinate: string): boolean {
  const [type = '', field = ''] = coordinate.split(/[.(]/u);
  const specification = links.type(type)?.specification;
  return (
    (specification !== undefined && [FEDERATION, LINK, AMANA].includes(specification)) ||
    type.startsWith('link__') ||
    ['_Any', '_Entity', '_Service'].includes(type) ||
    (type === 'Query' && ['_service', '_entities'].includes(field))
  );
}

function keepsGuards(element: SchemaElement, survivor: SchemaElement): boolean {
  const scopes = element.directives.filter(isRequiresScopes).map(scopesOf);
  const composed = survivor.directives.filter(isRequiresScopes).flatMap(scopesOf);
  const fields = element.directives.filter(isGuardedBy).map(guardingField);
  const composedFields = new Set(survivor.directives.filter(isGuardedBy).map(guardingField));
  return (
    scopes.every(
      (requirement) => composed.length > 0 && composed.every((all) => satisfies(new Set(all), requirement)),
    ) && fields.every((field) => composedFields.has(field))
  );
}
