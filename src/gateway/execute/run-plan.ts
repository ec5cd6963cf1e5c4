import type { FetchNode, PlanNode, QueryPlan } from '@apollo/query-planner';
import { GraphQLError } from 'graphql';
import { messageOf } from '../../protocol/errors.ts';
import type { SupergraphSnapshot } from '../compose/supergraph-snapshot.ts';
import type { JsonObject } from '../json-object.ts';
import { clientPath } from './answer-errors.ts';
import type { AnswerPath } from './answer-reading.ts';
import { objectsAt } from './objects-at.ts';
import { type FetchAnswer, type PlannedFetch, askedBy, placesOf, plannedFetch, take } from './planned-fetch.ts';

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
    if (step.kind === 'Flatten') return run(step.node, [...at, ...step.path.map(String)]);
    if (step.kind === 'Parallel') return void (await Promise.all(step.nodes.map((one) => run(one, at))));
    if (step.kind !== 'Sequence') throw new Error(`a plan with a step of the kind ${step.kind}`);
    for (const one of step.nodes) await run(one, at);
  };

  const runFetch = async (step: FetchNode, at: readonly string[]): Promise<void> => {
    const asked = askedBy(settings.snapshot, step, Array.from(objectsAt(data, at, [])));
    if (asked.places.length === 0) return;
    try {
      const fetched = await settings.fetch(plannedFetch(settings.variables, step, asked, at));
      errors.push(...errorsAt(fetched.errors, (path) => placesOf(asked, at, path)));
      if (fetched.data) take(settings.snapshot, step, asked, fetched.data);
    } catch (cause) {
      // A fault of the gateway's own costs no more than the fetch that it came with.
      errors.push(failure(cause, clientPath(asked.places[0]?.[0]?.path ?? at)));
    }
  };

  if (node?.kind === 'Subscription') throw new Error('a plan of a subscription');
  if (node) await run(node, []);
  return { data, errors };
}

/** As many errors of one fetch have each of their places told; of more, the first, and how many there are. */
const MOST_TOLD = 1_000;

/** Errors of a fetch where they stand in the whole answer: an entity may stand in many places. */
function errorsAt(errors: readonly GraphQLError[], placesOf: (path: AnswerPath) => AnswerPath[]): GraphQLError[] {
  let left = MOST_TOLD;
  return errors.flatMap(({ message, extensions, path }) => {
    if (!path) return [new GraphQLError(message, { extensions })];
    const places = placesOf(path);
    left -= places.length;
    const told = left >= 0 ? places : places.slice(0, 1);
    const more = places.length - told.length;
    return told.map(
      (place) => new GraphQLError(message, { extensions: { ...extensions, ...(more > 0 && { more }) }, path: place }),
    );
  });
}

const failure = (cause: unknown, path: AnswerPath): GraphQLError =>
  new GraphQLError(messageOf('INTERNAL_SERVER_ERROR'), {
    extensions: { code: 'INTERNAL_SERVER_ERROR' },
    path,
    ...(cause instanceof Error && { originalError: cause }),
  });
