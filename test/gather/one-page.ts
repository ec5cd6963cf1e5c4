import { type GraphQLResolveInfo, getNamedType } from 'graphql';
import type { GivenHost } from './given-hosts.ts';
import { type LightRecord, inOrder, passes } from './light-archive.ts';
import type { ToldOfHosts } from './one-answer.ts';
import { type Arguments, type Person, type WhoAnswers, serves } from './who-answers.ts';

/** Where a page ended, in words that anybody may read, and who has missed one by then. */
interface Cursor {
  readonly after: LightRecord;
  readonly missed: readonly string[];
}

/** One page of all records that are `isMine`; null where nobody answers what may be somebody's. */
export function onePage(
  { who, told }: { readonly who: WhoAnswers; readonly told: ToldOfHosts },
  info: GraphQLResolveInfo,
  given: Arguments,
  person: Person | undefined,
  isMine: (record: LightRecord) => boolean,
): unknown {
  const { answering, failing } = who.of(info, given, person);
  if (answering.length === 0 && who.hosts.some((host) => who.mayHold(host, given, person))) return null;
  const cursor: Cursor | undefined = given.after ? JSON.parse(given.after) : undefined;
  const missed = cursor?.missed ?? [];
  for (const id of missed)
    if (who.hosts.some((host) => host.id === id)) told.tell(id, info.path, 'MISSED_EARLIER_PAGE');
  const allOf = (hosts: readonly GivenHost[]): readonly LightRecord[] =>
    hosts
      .flatMap(({ records }) => records)
      .filter((record) => isMine(record) && passes(given.filter)(record))
      .toSorted(inOrder);
  const rest = allOf(answering).filter((record) => !cursor || inOrder(cursor.after, record) < 0);
  const rows = rest.slice(0, given.first ?? 20);
  const cursorOf = (after: LightRecord | undefined): string | null =>
    after ? JSON.stringify({ after, missed: [...new Set([...missed, ...failing.map(({ id }) => id)])] }) : null;
  const counts = (host: GivenHost): boolean =>
    host.scopes === null || serves(host, `${getNamedType(info.returnType).name}.totalCount`, {});
  const counting = answering.filter(counts);
  return {
    rows,
    edges: rows.map((record) => ({ record, cursor: cursorOf(record) })),
    uncounted: failing.filter(counts),
    totalCount: counting.length > 0 || answering.length === 0 ? allOf(counting).length : null,
    pageInfo: {
      hasNextPage: rest.length > rows.length,
      hasPreviousPage: cursor !== undefined,
      startCursor: cursorOf(rows[0]),
      endCursor: cursorOf(rows.at(-1)),
    },
  };
}
