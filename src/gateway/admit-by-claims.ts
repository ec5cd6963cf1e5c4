import type { Logger } from 'pino';
import { bearerToken } from '../protocol/access-token.ts';
import { type Claimed, claimsAccess } from './authorize/claims-access.ts';
import { policiesOf } from './authorize/policies-of.ts';
import { type Attainable, shownSchema } from './compose/shown-schema.ts';
import type { SupergraphSnapshot } from './compose/supergraph-snapshot.ts';
import { describeCause } from '../protocol/describe-cause.ts';
import { forwardedHeaders } from './plain-subgraphs/forwarded-headers.ts';
import { type DecidePolicies, grantedPolicies } from './plain-subgraphs/policies.ts';
import { type Claims, type VerifyClaims, isScope, scopesIn } from './plain-subgraphs/verify-claims.ts';
import type { ReceivedRequest } from './receive/receive-request.ts';
import type { Asker } from './record/record-request.ts';
import type { Admit } from './visit.ts';

/** What visits to plain subgraphs take. */
export interface ClaimVisits {
  readonly served: SupergraphSnapshot;
  /** Undefined where nobody can sign in: all are anonymous then, and no token is looked at. */
  readonly verify: VerifyClaims | undefined;
  readonly decidePolicies: DecidePolicies | undefined;
  readonly forwardHeaders: readonly string[];
  /** Whether those who have not signed in are shown the schema. */
  readonly anonymousIntrospection: boolean;
  /** Milliseconds for the operator's policies. */
  readonly deadline: number;
  readonly operatorLog: Logger;
}

/**
 * Visits to plain subgraphs: anonymous where there is no token, refused where there is one that is not valid, and all
 * access decided here from the token's claims and the operator's policies, which are asked once a request.
 */
export function admitByClaims({
  served,
  verify,
  decidePolicies,
  forwardHeaders,
  anonymousIntrospection,
  deadline,
  operatorLog,
}: ClaimVisits): Admit {
  const attainable = {
    canMeet: canBeClaimed(verify !== undefined, decidePolicies !== undefined),
    never: new Set<string>(),
  };
  // Made before anybody asks for it, since that takes long of a large one.
  shownSchema(served, attainable);
  const failed = (request: string) => (cause: unknown) =>
    operatorLog.warn({ request, cause: describeCause(cause) }, 'the policies gave no usable answer: none is granted');
  return async (received) => {
    const claims = await claimsIn(received, verify);
    const { id, headers } = received;
    return {
      viewer: claims ? askerOf(claims) : {},
      attainable: claims !== undefined || anonymousIntrospection ? attainable : undefined,
      tellsCustodians: false,
      async access({ snapshot, hosts }, selections) {
        const asked = { headers, claims: claims ?? null, policies: [...policiesOf(snapshot, selections)] };
        const claimed: Claimed = {
          isAuthenticated: claims !== undefined,
          viewer: claims?.sub ?? '',
          scopes: claims ? scopesIn(claims) : new Set(),
          policies: await grantedPolicies(decidePolicies, asked, deadline, failed(id)),
          headers: forwardedHeaders(headers, forwardHeaders),
        };
        const access = claimsAccess(claimed);
        // A plan may lead through any of them.
        return new Map(Array.from(hosts.keys(), (subgraph) => [subgraph, access]));
      },
      forget: () => undefined,
      own: () => Promise.reject(new Error('a fetch of own fields, where the gateway has none')),
    };
  };
}

/** What a token and the operator's policies could give to anybody: where nobody can sign in, or there are no policies, less. */
const canBeClaimed =
  (canSignIn: boolean, hasPolicies: boolean): Attainable['canMeet'] =>
  ({ authenticated, requirement, policies }) =>
    (canSignIn || (!authenticated && requirement.length === 0)) &&
    (requirement.length === 0 || requirement.some((all) => all.every(isScope))) &&
    (hasPolicies || policies.length === 0);

async function claimsIn(
  { authorization }: ReceivedRequest,
  verify: VerifyClaims | undefined,
): Promise<Claims | undefined> {
  if (!verify || authorization === undefined) return undefined;
  return verify(bearerToken(authorization));
}

function askerOf({ sub, client_id, azp }: Claims): Asker {
  if (sub === undefined) return { subjectKind: 'CLIENT' };
  return { subject: sub, subjectKind: sub === (client_id ?? azp) ? 'CLIENT' : 'USER' };
}
