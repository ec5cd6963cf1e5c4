import type { FetchNode, PlanNode, QueryPlan, ResponsePath } from '@apollo/query-planner';
import { type DocumentNode, GraphQLError } from 'graphql';
import { messageOf } from '../../protocol/errors.ts';
import type { SupergraphSnapshot } from '../compose/supergraph-snapshot.ts';
import { type JsonObject, isJsonObject } from '../json-object.ts';
import type { AnswerPath } from './answer-reading.ts';
import { clientPath } from './answer-errors.ts';
import { ENTITIES } from './conform-answer.ts';
import type { Representation } from './entity-keys.ts';
import type { FetchResult } from './fetch-part.ts';
import { mergeValues } from './merge-values.ts';
import { type FoundObject, objectsAt } from './objects-at.ts';
import { representationOf, rewriteValues } from './representation.ts';

/** One fetch of a plan: what one subgraph is asked for. */
export interface PlannedFetch {
  readonly subgraph: string;
  readonly document: DocumentNode;
  readonly query: string;
  /** Those that the document uses, `representations` among them. */
  readonly variables: JsonObject;
  /** What names the entities of a fetch of entities. */
  readonly representations: readonly Representation[];
  /** Where in the answer it is fetched: names and, for each list, `@`. */
  readonly fetchedAt: readonly string[];
}

/** What a fetch brought: data that belongs to nobody else, and errors at paths within it. */
export type FetchAnswer = Pick<FetchResult, 'data' | 'errors'>;

/** What running a plan takes. */
export interface PlanSettings {
  readonly snapshot: SupergraphSnapshot;
  readonly variables: JsonObject;
  readonly fetch: (fetch: PlannedFetch) => Promise<FetchAnswer>;
}

/** What the fetches of a plan have brought, put together: all of it, under the names under which it was fetched. */
export interface Fetched {
  readonly data: JsonObject;
  /** At places of the answer, in the client's names. */
  readonly errors: readonly GraphQLError[];
}

/**
 * Runs a plan: its fetches in their order, or at one time where the plan says so, each asked for the entities that those
 * before it have found. Operations are planned without conditions, which have been evaluated before.
 */
export async function runPlan(settings: PlanSettings, { node }: QueryPlan): Promise<Fetched> {
  const data: Record<string, unknown> = {};
  const errors: GraphQLError[] = [];

  const run = async (step: PlanNode, at: readonly string[]): Promise<void> => {
    if (step.kind === 'Fetch') return runFetch(step, at);
    if (step.kind === 'Flatten') return run(step.node, [...at, ...namesOf(step.path)]);
    if (step.kind === 'Parallel') return void (await Promise.all(step.nodes.map((one) => run(one, at))));
    if (step.kind !== 'Sequence') throw new Error(`a plan with a step of the kind ${step.kind}`);
    for (const one of step.nodes) await run(one, at);
  };

  const runFetch = async (step: FetchNode, at: readonly string[]): Promise<void> => {
    const asked = askedBy(settings.snapshot, step, Array.from(objectsAt(data, at, [])));
    if (asked.places.length === 0) return;
    const pathOf = placed(asked, at);
    try {
      const fetched = await settings.fetch(plannedFetch(settings, step, asked, at));
      for (const { message, extensions, path } of fetched.errors)
        errors.push(new GraphQLError(message, { extensions, ...(path && { path: pathOf(path) }) }));
      if (fetched.data) take(settings.snapshot, step, asked, fetched.data);
    } catch (cause) {
      // A fault of the gateway's own costs no more than the fetch that it came with.
      errors.push(failure(cause, pathOf([])));
    }
  };

  if (node?.kind === 'Subscription') throw new Error('a plan of a subscription');
  if (node) await run(node, []);
  return { data, errors };
}

/** For whom a fetch is made: of entities, those that are named, each by one representation. */
interface Asked {
  readonly places: readonly FoundObject[];
  readonly representations: readonly Representation[];
}

function askedBy({ supergraphSchema }: SupergraphSnapshot, step: FetchNode, found: readonly FoundObject[]): Asked {
  const { requires, inputRewrites } = step;
  if (!requires) return { places: found, representations: [] };
  const places: FoundObject[] = [];
  const representations: Representation[] = [];
  for (const place of found) {
    const representation = representationOf(supergraphSchema, place.object, requires);
    if (!representation) continue;
    rewriteValues(supergraphSchema, inputRewrites, representation);
    places.push(place);
    representations.push(representation);
  }
  return { places, representations };
}

function plannedFetch(
  { variables }: PlanSettings,
  { serviceName, operation, operationDocumentNode, variableUsages = [], requires }: FetchNode,
  { representations }: Asked,
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
    fetchedAt,
  };
}

/** The variable in which representations are handed over (Federation subgraph specification, `_entities`); no client's has this name. */
const REPRESENTATIONS = 'representations';

/** Puts what was fetched where it was asked for. */
function take({ supergraphSchema }: SupergraphSnapshot, step: FetchNode, asked: Asked, data: JsonObject): void {
  if (!step.requires) {
    rewriteValues(supergraphSchema, step.outputRewrites, data);
    for (const { object } of asked.places) mergeValues(object, data);
    return;
  }
  const entities = data[ENTITIES];
  if (!Array.isArray(entities) || entities.length !== asked.places.length)
    throw new Error('a fetch that does not tell entities apart');
  for (const [index, { object }] of asked.places.entries()) {
    const entity: unknown = entities[index];
    if (!isJsonObject(entity)) continue;
    rewriteValues(supergraphSchema, step.outputRewrites, entity);
    mergeValues(object, entity);
  }
}

/** Where in the whole answer something stands that a fetch has answered. */
const placed =
  ({ places, representations }: Asked, at: readonly string[]) =>
  (path: AnswerPath): AnswerPath => {
    const [root, index, ...inside] = path;
    if (representations.length === 0 || root !== ENTITIES) return clientPath([...at, ...path]);
    return clientPath([...(places[Number(index)]?.path ?? at), ...inside]);
  };

const failure = (cause: unknown, path: AnswerPath): GraphQLError =>
  new GraphQLError(messageOf('INTERNAL_SERVER_ERROR'), {
    extensions: { code: 'INTERNAL_SERVER_ERROR' },
    path,
    ...(cause instanceof Error && { originalError: cause }),
  });

const namesOf = (path: ResponsePath): string[] => path.map(String);
