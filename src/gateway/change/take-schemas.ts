import type { SchemaVerdict } from '../../protocol/schema-verdict.ts';
import type { SchemaReport } from '../compose/check-schemas.ts';
import { type Awaits, judgeSchema, mayTakeEffect } from './judge-schemas.ts';
import type { Member, Wanted } from './member.ts';

/** A member whose schema does not take effect, and why. */
export interface LeftMember {
  readonly member: Member;
  readonly verdict: SchemaVerdict;
}

/**
 * Takes all schemas together where that passes, else each by itself, and then together what none can have alone: what two
 * share changes in both. Answers what is left, and why.
 */
export async function takeSchemas(
  wanted: readonly Wanted[],
  check: (group: readonly Wanted[]) => Promise<SchemaReport>,
  put: (group: readonly Wanted[], report: SchemaReport) => Promise<void>,
): Promise<readonly LeftMember[]> {
  const verdicts = new Map<Member, SchemaVerdict>();
  let left = wanted;
  const attempt = async (group: readonly Wanted[]): Promise<boolean> => {
    const report = await check(group);
    const awaits = (subgraph: string): Awaits =>
      group.find(({ member }) => member.settings.subgraph === subgraph)?.awaits ?? [];
    if (mayTakeEffect(report, awaits)) {
      await put(group, report);
      left = left.filter((one) => !group.includes(one));
      return true;
    }
    const [only, ...others] = group;
    if (only && others.length === 0) {
      const { member, digest } = only;
      verdicts.set(member, judgeSchema(report, member.settings.subgraph, digest, only.awaits));
    }
    return false;
  };
  if (left.length > 1 && (await attempt(left))) return [];
  for (const one of left) await attempt([one]);
  const together = left.length < wanted.length ? [left] : [];
  const allButOne = left.map((one) => left.filter((other) => other !== one));
  for (const group of [...together, ...allButOne]) if (group.length > 1 && (await attempt(group))) break;
  return left.flatMap(({ member }) => {
    const verdict = verdicts.get(member);
    return verdict ? [{ member, verdict }] : [];
  });
}
