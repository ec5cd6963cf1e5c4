import type { OpenCustodian } from '../cli/open-custodian.ts';
import { type Grant, type GrantRequest, grant, listGrants } from '../subgraphs/kit/grants.ts';
import { DEMO_GRANTS } from './demo-grants.ts';
import { demoViewer } from './people.ts';

/** Until when the demo's grants are given, and how long one given before must last still, or it is given anew. */
export interface DemoTerm {
  readonly until: Date;
  readonly atLeast: Date;
}

/** Gives the demo's grants at one custodian where they are missing or about to lapse. One that was revoked stays revoked. */
export async function giveDemoGrants(
  { configuration, definition, storage }: OpenCustodian,
  { until, atLeast }: DemoTerm,
): Promise<void> {
  const given = await listGrants(storage);
  for (const { viewer, custodian, scopes, clears } of DEMO_GRANTS) {
    if (custodian !== configuration.custodian) continue;
    const holder = demoViewer(viewer);
    if (!holder) throw new Error(`Nobody in the demo has the id ${viewer}.`);
    const wanted: GrantRequest = {
      subject: holder.id,
      subjectKind: holder.kind,
      organisation: holder.organisation,
      recipientKind: holder.recipientKind,
      scopes: scopes.map((name) => `${definition.subgraph}:${name}`),
      clears: [...clears],
      purposes: [...holder.purposes],
      until,
      reason: 'Demonstration',
      grantedBy: 'demo',
    };
    const stands = (one: Grant) => isAlike(one, wanted) && (one.revokedAt !== null || one.until >= atLeast);
    if (!given.some(stands)) await grant(storage, wanted);
  }
}

function isAlike(one: Grant, wanted: GrantRequest): boolean {
  const essence = ({
    subject,
    subjectKind,
    organisation,
    recipientKind,
    scopes,
    clears = [],
    purposes,
  }: Grant | GrantRequest) => [
    subject,
    subjectKind,
    organisation,
    recipientKind,
    ...[scopes, clears, purposes].map((list) => [...list].sort().join()),
  ];
  return essence(one).join('\n') === essence(wanted).join('\n');
}
