import type { OpenCustodian } from '../cli/open-custodian.ts';
import { type Grant, type GrantRequest, grant, listGrants } from '../subgraphs/kit/grants.ts';
import { DEMO_GRANTS } from './demo-grants.ts';
import { demoViewer } from './people.ts';

/** For how long the demo's grants are given, in milliseconds: a year. */
export const TERM = 365 * 86_400_000;

/**
 * Gives the demo's grants at one custodian: those that are missing, and anew those that have lapsed. One that somebody
 * revoked stays revoked.
 */
export async function giveDemoGrants(
  { configuration, definition, storage }: OpenCustodian,
  now: number,
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
      until: new Date(now + TERM),
      reason: 'Demonstration',
      grantedBy: 'demo',
    };
    const stands = (one: Grant) =>
      essence(one) === essence(wanted) && (one.revokedAt !== null || one.until.getTime() > now);
    if (!given.some(stands)) await grant(storage, wanted);
  }
}

const essence = ({
  subject,
  subjectKind,
  organisation,
  recipientKind,
  scopes,
  clears = [],
  purposes,
}: Grant | GrantRequest) =>
  JSON.stringify([
    subject,
    subjectKind,
    organisation,
    recipientKind,
    ...[scopes, clears, purposes].map((list) => [...list].sort()),
  ]);
