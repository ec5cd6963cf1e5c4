import type { CustodianConnection } from '../custodian-connection.ts';
import type { FieldNeed } from '../compose/supergraph-snapshot.ts';
import { isNothing } from '../compose/demand.ts';
import { CustodianPart } from './custodian-part.ts';
import type { Decision } from './rewrite-operation.ts';
import type { SubgraphAccess } from './subgraph-access.ts';

/** The parts of all custodians that an operation touches, by the subgraph that they host. */
export class SubgraphParts {
  readonly byCustodian: ReadonlyMap<string, CustodianPart>;
  readonly #bySubgraph: ReadonlyMap<string, readonly CustodianPart[]>;

  /** `accesses` are by custodian, of those that are touched. */
  constructor(members: readonly CustodianConnection[], accesses: ReadonlyMap<string, SubgraphAccess>) {
    const custodians = new Map(members.map(({ custodian }) => [custodian.id, custodian]));
    const parts = [...accesses].flatMap(([id, access]) => {
      const custodian = custodians.get(id);
      return custodian ? [new CustodianPart(custodian, access)] : [];
    });
    this.byCustodian = new Map(parts.map((part) => [part.custodian.id, part]));
    this.#bySubgraph = Map.groupBy(parts, ({ custodian }) => custodian.subgraph);
  }

  of(subgraph: string): readonly CustodianPart[] {
    return this.#bySubgraph.get(subgraph) ?? [];
  }

  /** Each subgraph with several hosts, with those of them whose access is alike. */
  *shared(): Generator<readonly [subgraph: string, alike: readonly CustodianPart[]]> {
    for (const [subgraph, parts] of this.#bySubgraph) {
      if (parts.length === 1) continue;
      for (const alike of Map.groupBy(parts, ({ likeness }) => likeness).values()) yield [subgraph, alike];
    }
  }

  /** What one of the hosts may be asked for may be asked for. */
  decide(need: FieldNeed): Decision {
    const parts = this.of(need.subgraph);
    // The gateway's own fields need nothing but a viewer; what else has no access to be decided by is not let out.
    if (parts.length === 0) return isNothing(need) ? 'carried' : 'withheld';
    const decisions = new Set(parts.map((part) => part.decide(need)));
    if (decisions.has('carried')) return 'carried';
    return decisions.has('unasked') ? 'unasked' : 'withheld';
  }
}
