import { ENTITIES } from '../execute/conform-answer.ts';
import type { AnswerPath } from '../execute/answer-reading.ts';
import { OWN } from './ast.ts';
import type { GatheredField, GatheredObject } from './gather-tree.ts';
import { EDGES, MORE, RECORD_ID, SORT_KEY } from './host-document.ts';
import type { HostShare } from './host-share.ts';

/** Keys without which rows cannot be merged. */
const OF_ORDER: ReadonlySet<unknown> = new Set([EDGES, SORT_KEY, RECORD_ID, MORE]);

/** Whether a path in a host's answer leads to what the order of rows follows from. */
export const isOfOrder = (path: AnswerPath): boolean => OF_ORDER.has(path.at(-1));

/** The place of the gathered field that a path in a host's answer leads to, or through; undefined where to none. */
export const placeAt = (share: HostShare, path: AnswerPath): string | undefined => fieldAt(share, path)?.field.place;

/** A path in what a host was asked for, down to what gathering asks for itself. */
export function withoutOwn(path: AnswerPath): AnswerPath {
  const own = path.findIndex((key) => typeof key === 'string' && key.startsWith(OWN));
  return own === -1 ? path : path.slice(0, own);
}

/**
 * Where what a path in a host's answer leads to was asked for, in the fetch: rows are asked for under other keys than
 * their records, which may be asked for several times. What gathering asks for itself stands where it is needed.
 */
export function askedPath(share: HostShare, path: AnswerPath): AnswerPath {
  const found = fieldAt(share, path);
  const [edges, row, rowKey, ...inside] = found?.rest ?? [];
  const record = edges === EDGES ? found?.field.page?.records.find((one) => one.rowKey === rowKey) : undefined;
  const whole = found && row !== undefined && record ? [...found.above, ...record.pathOf(row), ...inside] : path;
  return withoutOwn(whole);
}

/** The gathered field that a path in a host's answer leads to, or through: the path down to it, and the rest of it. */
export function fieldAt(
  share: HostShare,
  path: AnswerPath,
): { readonly field: GatheredField; readonly above: AnswerPath; readonly rest: AnswerPath } | undefined {
  const isInEntity = path[0] === ENTITIES;
  const index = isInEntity ? share.asked.indexes[Number(path[1])] : 0;
  let object: GatheredObject | undefined = index === undefined ? undefined : share.asked.objectAt(index);
  let found: ReturnType<typeof fieldAt>;
  for (let at = isInEntity ? 2 : 0; at < path.length; at += 1) {
    const field: GatheredField | undefined = object?.fields.find(({ key }) => key === path[at]);
    if (!field) break;
    found = { field, above: path.slice(0, at + 1), rest: path.slice(at + 1) };
    object = field.inside;
  }
  return found;
}
