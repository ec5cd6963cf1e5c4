import { type SchemaReport, refusals, sentenceOf } from '../compose/check-schemas.ts';
import type { Contract, HostReport } from '../compose/host-contract.ts';
import type { ServedSchema } from '../compose/subgraph-schema.ts';
import type { ContractsInForce } from './contracts-in-force.ts';
import type { SchemaChecker } from './check-thread.ts';
import type { AwaitedContract } from './known-contract.ts';
import type { Member, Wanted } from './member.ts';
import { notTaken } from './read-contracts.ts';

/** Contracts, by subgraph. */
export type Contracts = ReadonlyMap<string, Contract>;

/** Has schemas looked at, beside those in force. */
export class SchemaExamination {
  readonly #checker: SchemaChecker;
  readonly #operations: () => readonly string[];
  #isClosed = false;

  /** `operations` is what was asked lately. */
  constructor(checker: SchemaChecker, operations: () => readonly string[]) {
    this.#checker = checker;
    this.#operations = operations;
  }

  /** Ends the checker; what it was looking at then throws. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#checker.close();
  }

  /** Looks at schemas that may take effect, with what is in force of the other members that are composed. */
  composed(
    group: readonly Wanted[],
    composing: readonly Member[],
    contracts: Contracts,
    former: Contracts,
  ): Promise<SchemaReport> {
    const schemas = composing.flatMap((member) => {
      const sdl =
        group.find((wanted) => wanted.member === member)?.sdl ?? (member.isInForce ? member.known?.sdl : undefined);
      return sdl === undefined ? [] : [member.serving(sdl)];
    });
    const inForce = composing.flatMap((member) =>
      member.known ? [{ ...member.serving(member.known.sdl), gone: member.known.gone }] : [],
    );
    const proposal = {
      schemas: [...contractsServed(contracts), ...schemas],
      inForce: [...contractsServed(former), ...inForce],
      operations: this.#operations(),
    };
    return this.#looked((checker) => checker.check(proposal));
  }

  /** Holds what a host serves against the contract. */
  async ofHost({ schema }: Contract, { member, sdl }: Wanted): Promise<HostReport> {
    const { subgraph, url, sdl: contract } = schema;
    const inForce = member.known;
    const { checks, lacks = new Set() }: Partial<HostReport> & SchemaReport = await this.#looked((checker) =>
      checker.judge({ contract: { subgraph, url, sdl: contract }, sdl, inForce }),
    );
    return { checks, lacks };
  }

  /**
   * Answers which contracts guard less than those in force and wait to be confirmed. Throws `ConfigurationError` where one,
   * beside the schemas in force of members that are composed, would not be taken of a custodian.
   */
  async heldContracts(
    contracts: Contracts,
    inForce: ContractsInForce,
    composing: readonly Member[],
  ): Promise<readonly AwaitedContract[]> {
    if (contracts.size === 0) return [];
    const schemas = composing.flatMap((member) =>
      member.isInForce && member.known ? [member.serving(member.known.sdl)] : [],
    );
    const known = await inForce.of(contracts);
    const former = known.map(({ subgraph, sdl, gone }) => ({ subgraph, url: '', sdl, gone }));
    const proposal = { schemas: [...contractsServed(contracts), ...schemas], inForce: former, operations: [] };
    const report = await this.#looked((checker) => checker.check(proposal));
    const faults = refusals(report).flatMap((check) => check.findings.map((finding) => sentenceOf(check, finding)));
    if (faults.length > 0) throw notTaken('gathered', faults);
    return inForce.held(contracts, report);
  }

  /** A report that says so where the checker cannot say. */
  async #looked<Report>(look: (checker: SchemaChecker) => Promise<Report>): Promise<Report | SchemaReport> {
    try {
      return await look(this.#checker);
    } catch (cause) {
      if (this.#isClosed) throw cause;
      const message = cause instanceof Error ? cause.message : 'it cannot be checked';
      return { checks: [{ ...UNCHECKABLE, outcome: 'FOUND', findings: [{ message }] }] };
    }
  }
}

const contractsServed = (contracts: Contracts): ServedSchema[] =>
  Array.from(contracts.values(), ({ schema: { subgraph, url, sdl } }) => ({ subgraph, url, sdl }));

const UNCHECKABLE = {
  id: 'checkable',
  says: 'Looking at a schema takes bounded time and memory.',
  finding: 'REFUSES',
} as const;
