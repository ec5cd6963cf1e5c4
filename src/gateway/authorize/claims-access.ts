import { satisfies } from '../../protocol/requirements.ts';
import type { WithheldReason } from '../withheld.ts';
import type { Demand } from '../compose/demand.ts';
import type { GivenAccess } from './subgraph-access.ts';

/** What a viewer may have of plain subgraphs: all that is known of him, and it is the same for each of them. */
export interface Claimed {
  /** Whether a token of his has been verified. */
  readonly isAuthenticated: boolean;
  /** Whom it is known of; '' for all that are not. */
  readonly viewer: string;
  readonly scopes: ReadonlySet<string>;
  /** The policies granted, out of those that the operation names. */
  readonly policies: ReadonlySet<string>;
  /** What is passed on with each fetch. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The access to any plain subgraph: decided from the token's claims and the operator's policies. */
export function claimsAccess({ isAuthenticated, viewer, scopes, policies, headers }: Claimed): GivenAccess {
  const reasonFor = (demand: Demand): WithheldReason | undefined => {
    if (!isAuthenticated && (demand.authenticated || demand.requirement.length > 0)) return 'UNAUTHENTICATED';
    if (!satisfies(scopes, demand.requirement)) return 'NO_GRANT';
    return satisfies(policies, demand.policies) ? undefined : 'POLICY';
  };
  return {
    status: 'ANSWERED',
    carries: (demand) => reasonFor(demand) === undefined,
    reasonFor: (demand) => reasonFor(demand) ?? 'NO_GRANT',
    isPartial: () => false,
    likeness: '',
    isAskedAboutPersons: true,
    keepsContract: false,
    withheldBy: {},
    viewer,
    headers,
  };
}
