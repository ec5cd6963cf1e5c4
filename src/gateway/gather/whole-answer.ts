import { GraphQLError } from 'graphql';
import type { ErrorCode } from '../../protocol/errors.ts';
import type { Incomplete } from '../custodian-status.ts';
import { type AnswerPath, ENTITIES } from '../execute/conform-answer.ts';
import { errorAt } from '../execute/fetch-from-custodian.ts';
import { tellPlaces } from '../execute/tell-places.ts';
import { type JsonObject, isJsonObject } from '../json-object.ts';
import type { GatherRound, LateRefusal } from './gather-round.ts';
import type { GatheredField } from './gather-tree.ts';
import type { HostShare, RoundSettings } from './host-share.ts';
import { type HostObject, mergeObjects } from './merge-answers.ts';
import { writePage } from './write-page.ts';

/** What is not whole in an answer because of one host, and where in the fetch. */
export interface IncompletePlace extends Incomplete {
  readonly custodian: string;
}

/** A fetch's answer, gathered from many hosts. */
export interface GatheredAnswer {
  readonly data: Record<string, unknown>;
  readonly errors: readonly GraphQLError[];
  readonly refusals: readonly LateRefusal[];
  readonly incomplete: readonly IncompletePlace[];
  /** How many of its records the answer holds, by custodian. */
  readonly records: ReadonlyMap<string, number>;
}

/** Codes that say that a host failed: where another has answered, the report of custodians says so, and no error does. */
const OF_A_HOST: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'CUSTODIAN_UNAVAILABLE',
  'CUSTODIAN_TIMED_OUT',
  'CUSTODIAN_REFUSED',
]);

/** Puts together what the hosts have brought: every field by its rule, and what is missing where it is. */
export function wholeAnswer(settings: RoundSettings, round: GatherRound): GatheredAnswer {
  const { plan, places, representations, gathering } = settings;
  const { shares } = round;
  const errors: GraphQLError[] = [];
  const failed: { readonly path: AnswerPath; readonly code: ErrorCode }[] = [];
  const incomplete = new Map<string, IncompletePlace>();
  const records = new Map(round.records);

  const asked = (field: GatheredField, index: number): readonly HostShare[] =>
    shares.filter(({ places: own, indexes }) => own.has(field.place) && indexes.includes(index));
  const hasFailed = ({ isFailed, failedPlaces }: HostShare, { place }: GatheredField): boolean =>
    isFailed || failedPlaces.has(place);
  const failing = (field: GatheredField, index: number): string[] => [
    ...asked(field, index)
      .filter((share) => hasFailed(share, field))
      .map(({ custodian }) => custodian),
    ...gathering.unheard,
  ];
  const tell = (custodian: string, { place }: GatheredField, reason: Incomplete['reason']): void => {
    const path = place.split('.').slice(1);
    incomplete.set(`${custodian} ${place} ${reason}`, { custodian, path, reason });
  };

  const pageOf = (field: GatheredField, known: readonly HostObject[], index: number): JsonObject | null => {
    const page = places.pageAt(field, index);
    if (page.fault) failed.push({ path: pathOf(field, index), code: page.fault });
    if (!field.page || page.fault) return null;
    const hosts = asked(field, index);
    const answered = known.flatMap(({ object }) => {
      const connection = object[field.key];
      return isJsonObject(connection) ? [connection] : [];
    });
    if (answered.length === 0 && (hosts.length > 0 || !settings.routed.has(field.place))) return null;
    const missing = new Set([...failing(field, index), ...page.missing]);
    const { rows, hasMore } = page.rows();
    for (const { custodian, records: count } of rows) records.set(custodian, (records.get(custodian) ?? 0) + count);
    for (const custodian of page.missedBefore) tell(custodian, field, 'MISSED_EARLIER_PAGE');
    const [total] = field.page.totals;
    const uncounted = total ? failing(field, index) : [];
    for (const custodian of uncounted) tell(custodian, field, 'NOT_COUNTED');
    const totals = answered.flatMap((connection) => connection[total?.key ?? ''] ?? []).filter(isNumber);
    return writePage(field.page, {
      rows,
      hasMore,
      hasPrevious: page.after !== undefined,
      total: uncounted.length > 0 || (totals.length === 0 && answered.length > 0) ? null : totals.reduce(sum, 0),
      cursorOf: (row) => places.cursorOf(field, index, row, [...page.missedBefore, ...missing]),
    });
  };

  const objectAt = (index: number): Record<string, unknown> | null => {
    const type = representations[index]?.__typename ?? '';
    const object = plan.tree.root ?? plan.tree.entities.get(type);
    const known = shares.flatMap(({ custodian, objects }) => {
      const one = objects.get(index);
      return one ? [{ custodian, object: one }] : [];
    });
    if (!object) return null;
    for (const field of object.fields) tellFailures(field, index);
    if (known.length === 0 && !plan.tree.root) return null;
    return mergeObjects(
      {
        page: (field, ofHosts) => pageOf(field, ofHosts, index),
        isOthers: (field) => asked(field, index).length === 0 && settings.routed.has(field.place),
        isIncomplete: (field) => {
          const hosts = failing(field, index);
          for (const custodian of hosts) tell(custodian, field, 'NOT_COUNTED');
          return hosts.length > 0;
        },
      },
      object,
      known,
    );
  };

  /** An error where a client's own fault is, and where no host at all has answered. */
  const tellFailures = (field: GatheredField, index: number): void => {
    const hosts = asked(field, index);
    const isLost = hosts.length > 0 && hosts.every((share) => hasFailed(share, field));
    const codes = [...(round.faults.get(field.place) ?? [])].filter((code) => isLost || !OF_A_HOST.has(code));
    for (const code of codes) failed.push({ path: pathOf(field, index), code });
    if (!isLost) for (const below of field.inside?.fields ?? []) tellFailures(below, index);
  };

  const pathOf = ({ place }: GatheredField, index: number): AnswerPath => [
    ...(plan.tree.root ? [] : [ENTITIES, index]),
    ...place.split('.').slice(1),
  ];

  const data = plan.tree.root
    ? (objectAt(0) ?? {})
    : { [ENTITIES]: representations.map((_, index) => objectAt(index)) };
  for (const { place, more } of tellPlaces(failed, ({ path, code }) => JSON.stringify([code, path.filter(isName)])))
    errors.push(errorAt(place.code, place.path, more));
  return { data, errors, refusals: round.refusals, incomplete: [...incomplete.values()], records };
}

const isName = (key: string | number): boolean => typeof key === 'string';
const isNumber = (value: unknown): value is number => typeof value === 'number';
const sum = (one: number, other: number): number => one + other;
