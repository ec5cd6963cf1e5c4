import type { CustodianConnection } from '../custodian-connection.ts';
import type { FieldNeed } from '../compose/supergraph-snapshot.ts';
import { isNothing } from '../compose/demand.ts';
import { CustodianPart, Reach } from './custodian-part.ts';
import type { Decision } from './rewrite-operation.ts';
import type { SubgraphAccess } from './subgraph-access.ts';

type Alike = readonly [CustodianPart, ...CustodianPart[]];

/** The parts of all custodians that an operation touches, by the subgraph that they host. */
export class SubgraphParts {
  readonly byCustodian: ReadonlyMap<string, CustodianPart>;
  readonly #bySubgraph = new Map<string, readonly CustodianPart[]>();
  readonly #alike = new Map<string, readonly Alike[]>();

  /** `accesses` are by custodian, of those that are touched. */
  constructor(members: readonly CustodianConnection[], accesses: ReadonlyMap<string, SubgraphAccess>) {
    const byCustodian = new Map<string, CustodianPart>();
    const groups = new Map<string, Map<string, [CustodianPart, ...CustodianPart[]]>>();
    for (const { custodian } of members) {
      const access = accesses.get(custodian.id);
      if (!access) continue;
      const ofSubgraph = groups.get(custodian.subgraph) ?? new Map<string, [CustodianPart, ...CustodianPart[]]>();
      groups.set(custodian.subgraph, ofSubgraph);
      const likeness = likenessOf(access);
      const alike = ofSubgraph.get(likeness);
      const part = new CustodianPart(custodian, access, alike?.[0].reach ?? new Reach());
      if (alike) alike.push(part);
      else ofSubgraph.set(likeness, [part]);
      byCustodian.set(custodian.id, part);
    }
    for (const [subgraph, ofSubgraph] of groups) this.#alike.set(subgraph, [...ofSubgraph.values()]);
    for (const [subgraph, alike] of this.#alike) this.#bySubgraph.set(subgraph, alike.flat());
    // In the order of accesses, which is that of the answer's report.
    this.byCustodian = new Map(
      Array.from(accesses.keys()).flatMap((id) => {
        const part = byCustodian.get(id);
        return part ? [[id, part]] : [];
      }),
    );
  }

  of(subgraph: string): readonly CustodianPart[] {
    return this.#bySubgraph.get(subgraph) ?? [];
  }

  /** The hosts of a subgraph where everything is decided alike for all of them; none where it is not. */
  whereAlike(subgraph: string): readonly CustodianPart[] {
    const [only, ...others] = this.#alike.get(subgraph) ?? [];
    return only && others.length === 0 ? only : [];
  }

  /** Each subgraph whose hosts are not all alike, with those of them that are. */
  *unlike(): Generator<readonly [subgraph: string, alike: Alike]> {
    for (const [subgraph, groups] of this.#alike)
      if (groups.length > 1) for (const alike of groups) yield [subgraph, alike];
  }

  /** What one of the hosts may be asked for may be asked for. */
  decide(need: FieldNeed): Decision {
    const groups = this.#alike.get(need.subgraph) ?? [];
    // The gateway's own fields need nothing but a viewer; what else has no access to be decided by is not let out.
    if (groups.length === 0) return isNothing(need) ? 'carried' : 'withheld';
    let decision: Decision = 'unasked';
    for (const [one] of groups) {
      const decided = one.decide(need);
      if (decided === 'carried') return decided;
      // Where one host withholds it, what stands in its records is known; the others' records are not there at all.
      if (decided === 'withheld') decision = decided;
    }
    return decision;
  }
}

/** The same for accesses by which everything is decided alike. */
const likenessOf = (access: SubgraphAccess): string => (access.status === 'ANSWERED' ? access.likeness : access.code);
