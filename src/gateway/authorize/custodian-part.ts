import type { Requirement } from '../../protocol/requirements.ts';
import type { Custodian } from '../custodian-connection.ts';
import type { CustodianStatus } from '../custodian-status.ts';
import type { Demand } from '../compose/demand.ts';
import type { Decision } from './rewrite-operation.ts';
import type { SubgraphAccess } from './subgraph-access.ts';

/** A custodian that the operation touches, and what became of its part before anything was fetched. */
export interface TouchedCustodian {
  readonly custodian: Custodian;
  readonly access: SubgraphAccess;
  /** Set where none of its fields may be asked for: why. */
  readonly status: CustodianStatus | undefined;
  /** Coordinates that may be asked for. */
  readonly coordinates: ReadonlySet<string>;
  /** The subgraphs through which the operation reaches this custodian's fields. */
  readonly above: ReadonlySet<string>;
  /** Whether the operation, as it was sent in, has fields of it. */
  readonly isInvolved: boolean;
}

/** What the rewriting finds of a custodian's part: hosts of one subgraph whose access is alike have one for all of them. */
export class Reach {
  readonly coordinates = new Set<string>();
  readonly above = new Set<string>();
  readonly cut = new Set<Exclude<Decision, 'carried'>>();

  keep(coordinate: string, above: ReadonlySet<string>): void {
    this.coordinates.add(coordinate);
    for (const subgraph of above) this.above.add(subgraph);
  }
}

/** One custodian's part of the operation, as the rewriting finds it. */
export class CustodianPart implements TouchedCustodian {
  readonly custodian: Custodian;
  readonly access: SubgraphAccess;
  readonly reach: Reach;

  constructor(custodian: Custodian, access: SubgraphAccess, reach: Reach) {
    this.custodian = custodian;
    this.access = access;
    this.reach = reach;
  }

  get coordinates(): ReadonlySet<string> {
    return this.reach.coordinates;
  }

  get above(): ReadonlySet<string> {
    return this.reach.above;
  }

  get isInvolved(): boolean {
    return this.reach.coordinates.size + this.reach.cut.size > 0;
  }

  get status(): CustodianStatus | undefined {
    if (this.access.status !== 'ANSWERED') return this.access.status;
    if (this.reach.coordinates.size > 0) return undefined;
    return this.reach.cut.has('withheld') ? 'REFUSED' : 'UNAVAILABLE';
  }

  decide(demand: Demand): Decision {
    const { access } = this;
    if (access.status !== 'ANSWERED') return 'unasked';
    return access.carries(demand) ? 'carried' : 'withheld';
  }

  get isByGrants(): boolean {
    return this.access.status === 'ANSWERED' && this.access.keepsContract;
  }

  isPartial(rows: Requirement, field: Requirement): boolean {
    return this.access.status === 'ANSWERED' && this.access.isPartial(rows, field);
  }
}
