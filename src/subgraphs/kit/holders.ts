import type { SubjectKind } from '../../protocol/request-context.ts';
import { pseudonym } from './access-log.ts';
import { listGrants } from './grants.ts';
import type { Storage } from './storage.ts';

/** Somebody to whom the custodian has given a grant, in force or not. */
export interface Holder {
  readonly subject: string;
  readonly subjectKind: SubjectKind;
  readonly organisations: readonly string[];
}

/** The holders of the custodian's grants by the pseudonyms that stand for them in its access log, under each log key. */
export async function holdersByPseudonym(
  storage: Pick<Storage, 'query'>,
  logKeys: readonly Buffer[],
): Promise<ReadonlyMap<string, readonly Holder[]>> {
  const grants = await listGrants(storage);
  const bySubject = Map.groupBy(grants, ({ subject }) => subject);
  const entries = [...bySubject].flatMap(([subject, given]) => {
    const holders = [...Map.groupBy(given, ({ subjectKind }) => subjectKind)].map(([subjectKind, own]) => ({
      subject,
      subjectKind,
      organisations: [...new Set(own.map(({ organisation }) => organisation))],
    }));
    return logKeys.map((key) => [pseudonym(key, 'viewer', subject), holders] as const);
  });
  return new Map(entries);
}
