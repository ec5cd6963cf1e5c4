import type { ErrorCode } from '../../protocol/errors.ts';
import type { AnswerPath } from '../execute/answer-reading.ts';
import type { HostShare } from './host-share.ts';
import type { Row } from './rows.ts';
import type { SelectedPage } from './selected-page.ts';

/** Something that failed in a row of one host. */
export interface RowFailure {
  readonly custodian: string;
  /** From the page, in which rows have their places now, down to what failed; to the list that leaves a record out. */
  readonly inside: AnswerPath;
  /** Undefined where a record is left out: nothing stands in its place. */
  readonly code: ErrorCode | undefined;
}

/** What failed in the rows of a page. */
export function* rowFailures(
  { records }: SelectedPage,
  rows: readonly Row[],
  shares: readonly HostShare[],
): Generator<RowFailure> {
  const failing = new Map(
    shares.flatMap(({ custodian, failures }) => (failures.isAnyWithin ? [[custodian, failures]] : [])),
  );
  if (failing.size === 0) return;
  for (const { rowKey, isNode, pathOf } of records) {
    let at = 0;
    for (const { custodian, edge } of rows) {
      const isLeftOut = isNode && (edge[rowKey] ?? null) === null;
      for (const failure of failing.get(custodian)?.within(edge) ?? []) {
        if (failure.rowKey !== rowKey) continue;
        yield isLeftOut
          ? { custodian, inside: pathOf(at).slice(0, 1), code: undefined }
          : { custodian, inside: [...pathOf(at), ...failure.inside], code: failure.code };
      }
      if (!isLeftOut) at += 1;
    }
  }
}
