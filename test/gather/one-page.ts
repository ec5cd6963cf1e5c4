import type { GraphQLResolveInfo } from 'graphql';
import { type LightRecord, inOrder, passes } from './light-archive.ts';
import type { ToldOfHosts } from './one-answer.ts';
import type { Arguments, Person, WhoAnswers } from './who-answers.ts';

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
  const all = answering
    .flatMap(({ records }) => records)
    .filter((record) => isMine(record) && passes(given.filter)(record))
    .toSorted(inOrder);
  const rest = all.filter((record) => !cursor || inOrder(cursor.after, record) < 0);
  const rows = rest.slice(0, given.first ?? 20);
  const cursorOf = (after: LightRecord | undefined): string | null =>
    after ? JSON.stringify({ after, missed: [...new Set([...missed, ...failing.map(({ id }) => id)])] }) : null;
  return {
    rows,
    edges: rows.map((record) => ({ record, cursor: cursorOf(record) })),
    failing,
    totalCount: all.length,
    pageInfo: {
      hasNextPage: rest.length > rows.length,
      hasPreviousPage: cursor !== undefined,
      startCursor: cursorOf(rows[0]),
      endCursor: cursorOf(rows.at(-1)),
    },
  };
}
