import { digestOf } from '../../protocol/schema-verdict.ts';
import { type SchemaReport, unconfirmed } from '../compose/check-schemas.ts';
import { type Contract, readContract } from '../compose/host-contract.ts';
import { parseSubgraphSchema } from '../compose/subgraph-schema.ts';
import { goneGuards } from '../compose/weakened-guards.ts';
import type { ContractState } from './contract-state.ts';
import type { AwaitedContract, KnownContract } from './known-contract.ts';

type Contracts = ReadonlyMap<string, Contract>;

/** The contracts that have taken effect, in this or an earlier run: one that guards less does so only once it is confirmed. */
export class ContractsInForce {
  readonly #state: ContractState;
  readonly #now: () => number;
  readonly #known = new Map<string, KnownContract>();

  constructor(state: ContractState, now: () => number) {
    this.#state = state;
    this.#now = now;
  }

  /** The last one of each of these subgraphs, if any. */
  async of(contracts: Contracts): Promise<readonly KnownContract[]> {
    const known = await Promise.all(
      Array.from(contracts.keys(), async (subgraph) => this.#known.get(subgraph) ?? this.#state.known(subgraph)),
    );
    for (const one of known) if (one) this.#known.set(one.subgraph, one);
    return known.flatMap((one) => one ?? []);
  }

  /**
   * Those that guard less than the ones in force, by what was found in them, unless the gateway's operator has confirmed
   * that. Custodians are not asked: what a host guards itself is weakened by its own schema alone, which it confirms.
   */
  async held(contracts: Contracts, report: SchemaReport): Promise<readonly AwaitedContract[]> {
    const weakened = Map.groupBy(
      unconfirmed(report).flatMap(({ findings }) => findings),
      ({ subgraph }) => subgraph,
    );
    const held = await Promise.all(
      Array.from(await this.of(contracts), async ({ subgraph, digest: from }): Promise<AwaitedContract[]> => {
        const [findings, contract] = [weakened.get(subgraph), contracts.get(subgraph)];
        if (!findings || !contract) return [];
        const to = digestOf(contract.schema.sdl);
        const confirmed = await this.#state.confirmation(subgraph);
        if (confirmed?.from === from && confirmed.to === to) return [];
        const awaited = { subgraph, from, to, weakened: findings.map(({ message }) => message) };
        await this.#state.await(awaited);
        return [awaited];
      }),
    );
    return held.flat();
  }

  /** Contracts, with the ones in force in the place of those that are held. */
  async without(held: readonly AwaitedContract[], contracts: Contracts): Promise<Contracts> {
    const isHeld = new Set(held.map(({ subgraph }) => subgraph));
    const known = (await this.of(contracts)).filter(({ subgraph }) => isHeld.has(subgraph));
    const former = known.map(({ subgraph, sdl }) => [subgraph, readContract({ subgraph, url: '', sdl })] as const);
    return new Map([...contracts, ...former]);
  }

  /** Takes contracts into force: nothing of their subgraphs waits to be confirmed any more. */
  async take(contracts: Contracts): Promise<void> {
    for (const [subgraph, { schema }] of contracts) {
      const [known, digest] = [this.#known.get(subgraph), digestOf(schema.sdl)];
      if (known?.digest !== digest) {
        const since = new Date(this.#now()).toISOString();
        const gone = known ? goneAfter(known, schema.sdl) : [];
        this.#known.set(subgraph, { subgraph, digest, since, sdl: schema.sdl, gone });
      }
      const taken = this.#known.get(subgraph);
      if (taken && taken !== known) await this.#state.keep(taken);
      await this.#state.settle(subgraph);
    }
  }
}

/** Why a contract is held, and how to confirm it. */
export const heldBecause = ({ subgraph, to, weakened }: AwaitedContract): string[] => [
  ...weakened.map((message) => `${subgraph}: ${message}`),
  `${subgraph}: confirm that with "amana confirm --contract ${subgraph} --as gateway --digest ${to}"`,
];

/** The guards of what a schema in force has, or had before, and the one in its place has not. */
export function goneAfter({ subgraph, sdl: former, gone }: KnownContract, sdl: string): KnownContract['gone'] {
  const parse = (text: string) => parseSubgraphSchema({ subgraph, url: '', sdl: text });
  return goneGuards(parse(former), parse(sdl), gone).map(({ coordinate, requirement, fields }) => ({
    coordinate,
    requirement: requirement.map((all) => [...all]),
    fields: [...fields],
  }));
}
