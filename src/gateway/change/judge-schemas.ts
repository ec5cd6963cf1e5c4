import { MOST_FINDINGS, type SchemaVerdict } from '../../protocol/schema-verdict.ts';
import { type SchemaReport, refusals, unconfirmed } from '../compose/check-schemas.ts';

/** Who has yet to confirm that a custodian's schema may weaken guards. */
export type Awaits = SchemaVerdict['awaits'];

/** Whether all that was proposed may take effect; `awaits` says whose confirmation is missing for a subgraph. */
export function mayTakeEffect(report: SchemaReport, awaits: (subgraph: string) => Awaits): boolean {
  const weakened = unconfirmed(report).flatMap(({ findings }) => findings.map(({ subgraph = '' }) => subgraph));
  return (
    report.supergraph !== undefined &&
    refusals(report).length === 0 &&
    weakened.every((subgraph) => awaits(subgraph).length === 0)
  );
}

/** Whether a host's schema may take effect; `awaits` says whose confirmation is missing. */
export const mayBeAdmitted = (report: SchemaReport, awaits: Awaits): boolean =>
  refusals(report).length === 0 && (unconfirmed(report).length === 0 || awaits.length === 0);

/** Why one custodian's schema does not take effect, as it and the operator are told. */
export function judgeSchema(
  report: SchemaReport,
  subgraph: string,
  digest: string,
  awaits: Awaits,
): SchemaVerdict & { readonly verdict: 'REFUSED' | 'UNCONFIRMED' } {
  const refused = refusals(report);
  const found = (refused.length > 0 ? refused : unconfirmed(report)).flatMap(({ id, findings }) =>
    findings.map((finding) => ({ ...finding, check: id })),
  );
  const own = found.filter((finding) => finding.subgraph === undefined || finding.subgraph === subgraph);
  const findings = (own.length > 0 ? own : found)
    .slice(0, MOST_FINDINGS)
    .map(({ check, message }) => ({ check, message: message.slice(0, 2_000) }));
  return refused.length > 0
    ? { digest, verdict: 'REFUSED', awaits: [], findings }
    : { digest, verdict: 'UNCONFIRMED', awaits, findings };
}

/** What is told of operations that schemas which take effect change. */
export const toldOf = ({ checks }: SchemaReport): readonly string[] =>
  checks.filter(({ finding }) => finding === 'TELLS').flatMap(({ findings }) => findings.map(({ message }) => message));
