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

/** One custodian's part of the operation, as the rewriting finds it. */
export class CustodianPart implements TouchedCustodian {
  readonly custodian: Custodian;
  readonly access: SubgraphAccess;
  readonly coordinates = new Set<string>();
  readonly above = new Set<string>();
  readonly cut = new Set<Exclude<Decision, 'carried'>>();

  constructor(custodian: Custodian, access: SubgraphAccess) {
    this.custodian = custodian;
    this.access = access;
  }

  get isInvolved(): boolean {
    return this.coordinates.size + this.cut.size > 0;
  }

  get status(): CustodianStatus | undefined {
    if (this.access.status !== 'ANSWERED') return this.access.status;
    if (this.coordinates.size > 0) return undefined;
    return this.cut.has('withheld') ? 'REFUSED' : 'UNAVAILABLE';
  }

  decide(demand: Demand): Decision {
    const { access } = this;
    if (access.status !== 'ANSWERED') return 'unasked';
    return access.carries(demand) ? 'carried' : 'withheld';
  }

  /** The same for parts whose fields are all decided alike. */
  get likeness(): string {
    return this.access.status === 'ANSWERED' ? this.access.likeness : this.access.code;
  }

  get isByGrants(): boolean {
    return this.access.status === 'ANSWERED' && this.access.keepsContract;
  }

  isPartial(rows: Requirement, field: Requirement): boolean {
    return this.access.status === 'ANSWERED' && this.access.isPartial(rows, field);
  }

  keep(coordinate: string, above: ReadonlySet<string>): void {
    this.coordinates.add(coordinate);
    for (const subgraph of above) this.above.add(subgraph);
  }
}
