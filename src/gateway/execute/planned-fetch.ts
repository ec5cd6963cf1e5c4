import type { FetchNode } from '@apollo/query-planner';
import type { DocumentNode } from 'graphql';
import type { SupergraphSnapshot } from '../compose/supergraph-snapshot.ts';
import { REPRESENTATIONS } from '../gather/ast.ts';
import { type JsonObject, isJsonObject } from '../json-object.ts';
import { clientPath } from './answer-errors.ts';
import type { AnswerPath } from './answer-reading.ts';
import { ENTITIES } from './conform-answer.ts';
import type { Representation } from './entity-keys.ts';
import type { FetchResult } from './fetch-part.ts';
import { mergeValues } from './merge-values.ts';
import type { FoundObject } from './objects-at.ts';
import { representationOf, rewriteValues } from './representation.ts';

/** One fetch of a plan: what one subgraph is asked for. */
export interface PlannedFetch {
  readonly subgraph: string;
  readonly document: DocumentNode;
  readonly query: string;
  /** Those that the document uses, `representations` among them. */
  readonly variables: JsonObject;
  /** What names the entities of a fetch of entities, each once, and in how many places of the answer each stands. */
  readonly representations: readonly Representation[];
  readonly times: readonly number[];
  /** Where in the answer it is fetched: names and, for each list, `@`. */
  readonly fetchedAt: readonly string[];
}

/** What a fetch brought: data that belongs to nobody else, and errors at paths within it. */
export type FetchAnswer = Pick<FetchResult, 'data' | 'errors'>;

/** For whom a fetch is made: of entities, those that are named by each representation; else, all that were found. */
export interface Asked {
  readonly places: readonly (readonly FoundObject[])[];
  readonly representations: readonly Representation[];
}

/** Those of the objects found that a fetch is made for: what is asked of the same entity is asked once. */
export function askedBy(
  { supergraphSchema }: SupergraphSnapshot,
  { requires, inputRewrites }: FetchNode,
  found: readonly FoundObject[],
): Asked {
  if (!requires) return { places: found.length > 0 ? [found] : [], representations: [] };
  const byText = new Map<string, { readonly representation: Representation; readonly places: FoundObject[] }>();
  for (const place of found) {
    const representation = representationOf(supergraphSchema, place.object, requires);
    if (!representation) continue;
    rewriteValues(supergraphSchema, inputRewrites, representation);
    const text = JSON.stringify(representation);
    const known = byText.get(text);
    if (known) known.places.push(place);
    else byText.set(text, { representation, places: [place] });
  }
  const asked = [...byText.values()];
  return { places: asked.map(({ places }) => places), representations: asked.map((one) => one.representation) };
}

/** What the subgraph is asked. */
export function plannedFetch(
  variables: JsonObject,
  { serviceName, operation, operationDocumentNode, variableUsages = [], requires }: FetchNode,
  { representations, places }: Asked,
  fetchedAt: readonly string[],
): PlannedFetch {
  if (!operationDocumentNode) throw new Error('a fetch without a document');
  const used: Record<string, unknown> = {};
  for (const name of variableUsages) if (Object.hasOwn(variables, name)) used[name] = variables[name];
  if (requires) used[REPRESENTATIONS] = representations;
  return {
    subgraph: serviceName,
    document: operationDocumentNode,
    query: operation,
    variables: used,
    representations,
    times: places.map(({ length }) => length),
    fetchedAt,
  };
}

/** Puts what was fetched where it was asked for. */
export function take({ supergraphSchema }: SupergraphSnapshot, step: FetchNode, asked: Asked, data: JsonObject): void {
  if (!step.requires) {
    rewriteValues(supergraphSchema, step.outputRewrites, data);
    for (const { object } of asked.places.flat()) mergeValues(object, data);
    return;
  }
  const entities = data[ENTITIES];
  if (!Array.isArray(entities) || entities.length !== asked.places.length)
    throw new Error('a fetch that does not tell entities apart');
  for (const [index, places] of asked.places.entries()) {
    const entity: unknown = entities[index];
    if (!isJsonObject(entity)) continue;
    rewriteValues(supergraphSchema, step.outputRewrites, entity);
    for (const { object } of places) mergeValues(object, entity);
  }
}

/** The places in the whole answer at which something stands that a fetch has answered. */
export function placesOf({ places, representations }: Asked, at: readonly string[], path: AnswerPath): AnswerPath[] {
  const [root, index, ...inside] = path;
  if (representations.length === 0 || root !== ENTITIES) return [clientPath([...at, ...path])];
  return (places[Number(index)] ?? []).map((place) => clientPath([...place.path, ...inside]));
}
