import type { DocumentNode } from 'graphql';
import { OPERATION_BOUNDS } from '../../protocol/operation-bounds.ts';
import { ENTITIES } from '../execute/conform-answer.ts';
import type { AnswerPath } from '../execute/answer-reading.ts';
import type { Representation } from '../execute/entity-keys.ts';
import { isJsonObject } from '../json-object.ts';
import { REPRESENTATIONS } from './ast.ts';
import { GatherRound } from './gather-round.ts';
import { GatheredPlaces } from './gathered-places.ts';
import type { Gathering } from './gathering.ts';
import { fetchPlan } from './host-plans.ts';
import type { RoundSettings } from './asked-share.ts';
import { HostShare, PlannedShares } from './host-share.ts';
import { NOTHING, joinAnswers, joinSlices, withPaths } from './join-answers.ts';
import { type FoundObject, objectsAt } from '../execute/objects-at.ts';
import type { NestedEntities } from './split-entities.ts';
import type { GatheredAnswer, IncompletePlace } from './gathered-answer.ts';
import { wholeAnswer } from './whole-answer.ts';

type Values = Readonly<Record<string, unknown>>;

/**
 * Answers one fetch of a plan from all hosts of its subgraph: each is asked for what it grants and serves, what they answer
 * is merged by the contract's rules, and what is to be gathered of entities within their records is gathered after that.
 * Of entities no more are asked for in one question than a custodian takes; each is in the answer as many times as `times`
 * says, once where that says nothing.
 */
export async function gatherFetch(
  gathering: Gathering,
  document: DocumentNode,
  variables: Values,
  representations: readonly Representation[],
  times: readonly number[] = [],
): Promise<GatheredAnswer> {
  const slices = slicesOf(times);
  const answers = slicesOf(representations).map((slice, at) =>
    gatherAtOnce(gathering, document, variables, slice, slices[at] ?? []),
  );
  return joinSlices(await Promise.all(answers), MOST_ENTITIES);
}

const MOST_ENTITIES = OPERATION_BOUNDS.representations;

function slicesOf<Item>(items: readonly Item[]): (readonly Item[])[] {
  const count = Math.max(1, Math.ceil(items.length / MOST_ENTITIES));
  return Array.from({ length: count }, (_, at) => items.slice(at * MOST_ENTITIES, (at + 1) * MOST_ENTITIES));
}

async function gatherAtOnce(
  gathering: Gathering,
  document: DocumentNode,
  variables: Values,
  representations: readonly Representation[],
  times: readonly number[],
): Promise<GatheredAnswer> {
  const plan = fetchPlan(gathering, document);
  const settings: RoundSettings = {
    gathering,
    plan,
    places: new GatheredPlaces(gathering, plan.tree, variables, representations),
    variables,
    narrowedBy: plan.tree.root ? variables : { ...variables, [REPRESENTATIONS]: [] },
    representations,
    times,
    keys: keysOf(representations),
  };
  const untold: IncompletePlace[] = [];
  const planned = new PlannedShares(settings);
  const shares = gathering.hosts.flatMap((host) => {
    const { custodian } = host;
    const { asked, unshared, lacking } = planned.of(host);
    for (const reason of unshared) untold.push({ custodian, path: [], reason });
    for (const { coordinate, path } of lacking) untold.push({ custodian, path, reason: 'NOT_SERVED', coordinate });
    return asked ? [new HostShare(custodian, asked)] : [];
  });
  const round = new GatherRound(settings, shares);
  await round.ask();
  const answer = wholeAnswer(settings, round);
  const nested = await Promise.all(plan.split.nested.map((entities) => gatherNested(settings, entities, answer.data)));
  return [{ ...answer, incomplete: [...untold, ...answer.incomplete] }, ...nested].reduce(joinAnswers);
}

/** Gathers what entities within records are asked for, and puts it where they were found. */
async function gatherNested(
  { gathering, variables, times: timesAbove }: RoundSettings,
  { type, path, keys, document }: NestedEntities,
  data: unknown,
): Promise<GatheredAnswer> {
  const found = Array.from(objectsAt(data, path, []));
  const byKey = new Map<string, FoundEntity>();
  for (const one of found) {
    const own = Array.from(keys, ([field, key]) => [field, one.object[key]] as const);
    for (const key of keys.values()) delete one.object[key];
    if (own.some(([, value]) => value === null || value === undefined)) continue;
    const representation = { __typename: type, ...Object.fromEntries(own) };
    const key = JSON.stringify(own);
    const entry: FoundEntity = byKey.get(key) ?? { representation, places: [] };
    entry.places.push(one);
    byKey.set(key, entry);
  }
  if (byKey.size === 0) return NOTHING;
  const entries = [...byKey.values()];
  const representations = entries.map(({ representation }) => representation);
  const times = entries.map(({ places }) =>
    places.reduce((sum, place) => sum + (timesAbove[Number(place.path[1])] ?? 1), 0),
  );
  const named = { ...variables, [REPRESENTATIONS]: representations };
  const answer = await gatherFetch(gathering, document, named, representations, times);
  const entities = answer.data[ENTITIES];
  for (const [index, { places }] of entries.entries()) {
    const entity: unknown = Array.isArray(entities) ? entities[index] : null;
    if (isJsonObject(entity)) for (const { object } of places) Object.assign(object, structuredClone(entity));
  }
  const pathsOf = (at: AnswerPath): AnswerPath[] => {
    if (at[0] !== ENTITIES) return [[...path, ...at]];
    return (entries[Number(at[1])]?.places ?? []).map((place) => [...place.path, ...at.slice(2)]);
  };
  return {
    ...withPaths(answer, pathsOf),
    data: {},
    incomplete: answer.incomplete.map((one) => ({ ...one, path: [...path, ...withinEntity(one.path)] })),
  };
}

/** A pattern in an answer of entities (`_entities`, `@`), within them. */
const withinEntity = (pattern: readonly string[]): readonly string[] =>
  pattern[0] === ENTITIES ? pattern.slice(2) : pattern;

interface FoundEntity {
  readonly representation: Representation;
  readonly places: FoundObject[];
}

/** The fields of entities' keys, by type, that representations name: of one fetch, all of a type name the same. */
function keysOf(representations: readonly Representation[]): ReadonlyMap<string, readonly string[]> {
  return new Map(
    representations.map(({ __typename, ...fields }) => [
      __typename,
      Object.entries(fields)
        .filter(([, value]) => typeof value !== 'object')
        .map(([name]) => name),
    ]),
  );
}
