import type { ErrorCode } from '../../protocol/errors.ts';
import type { Requirement } from '../../protocol/requirements.ts';
import type { Demand } from '../compose/demand.ts';
import type { CustodianStatus } from '../custodian-status.ts';
import type { Withheld, WithheldReason } from '../withheld.ts';

/** What one subgraph lets the viewer of a request have, and what goes with each fetch from it. */
export interface GivenAccess {
  readonly status: 'ANSWERED';
  carries(demand: Demand): boolean;
  /** Why a demand is not carried. */
  reasonFor(demand: Demand): WithheldReason;
  /** Whether records are visible on which a field is not (both of them what a single grant must carry). */
  isPartial(rows: Requirement, field: Requirement): boolean;
  /** Who withholds, and whom to ask for more, where that is to be told. */
  readonly withheldBy: { readonly custodian?: string; readonly contact?: string };
  /** The same for accesses by which everything is decided alike. */
  readonly likeness: string;
  /** Whether it may be asked about persons: to ask tells whom somebody seeks. */
  readonly isAskedAboutPersons: boolean;
  /** Whether answers are held to the contract of custodians: pages and ids no longer than it allows, its codes for errors. */
  readonly keepsContract: boolean;
  /** For whom a failure of the subgraph counts; never sent. */
  readonly viewer: string;
  /** The headers of a fetch; nothing else goes along. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What a subgraph lets the viewer have, or that it did not say, and with which code that is told. */
export type SubgraphAccess =
  GivenAccess | { readonly status: Exclude<CustodianStatus, 'ANSWERED'>; readonly code: ErrorCode };

/** One entry of the report, from what is granted and nothing else. */
export function withheldBy(access: GivenAccess, coordinate: string, path: readonly string[], demand: Demand): Withheld {
  const { custodian, contact } = access.withheldBy;
  return {
    path,
    coordinate,
    ...(custodian !== undefined && { custodian }),
    requires: demand.requirement,
    reason: access.reasonFor(demand),
    ...(contact !== undefined && { contact }),
  };
}
