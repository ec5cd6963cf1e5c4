import { setTimeout as pause } from 'node:timers/promises';
import { describeCause } from '../../protocol/describe-cause.ts';
import type { SchemaVerdict } from '../../protocol/schema-verdict.ts';
import type { SchemaReport } from '../compose/check-schemas.ts';
import type { Contract, HostReport } from '../compose/host-contract.ts';
import { SupergraphSnapshot } from '../compose/supergraph-snapshot.ts';
import type { CustodianConnection } from '../custodian-connection.ts';
import { type Federation, federationOf } from '../federation.ts';
import { ContractsInForce, heldBecause } from './contracts-in-force.ts';
import { type Contracts, SchemaExamination } from './examine-schemas.ts';
import type { KnownSchema, MemberSettings } from './gateway-state.ts';
import { judgeSchema, mayBeAdmitted, toldOf } from './judge-schemas.ts';
import { JoinTimes } from './join-times.ts';
import type { KeeperParts } from './keeper-parts.ts';
import type { AwaitedContract } from './known-contract.ts';
import { ASK_WITHIN, Member, type Wanted } from './member.ts';
import { notTaken } from './read-contracts.ts';
import { takeSchemas } from './take-schemas.ts';

/** How one custodian's schema stands, for the operator. */
export interface SchemaStanding {
  readonly inForce: Pick<KnownSchema, 'digest' | 'since'> | undefined;
  /** What that lacks of the contract of a gathered subgraph: schema coordinates. */
  readonly lacks: readonly string[];
  /** Whether it answered when it was last asked. */
  readonly isReached: boolean;
  /** What became of the schema that it serves. */
  readonly verdict: SchemaVerdict | undefined;
}

/** Of whom a federation consists, and by which contracts records are gathered from several of them. */
export interface Membership {
  readonly custodians: readonly MemberSettings[];
  readonly contracts: readonly Contract[];
}

const PATIENCE = 250;
/** For a host without which others of its subgraph can start: as long as one question for a schema may take. */
const A_LITTLE = ASK_WITHIN;
const LONGEST_PATIENCE = 5_000;

/**
 * Keeps the federation in force what it should be: asks each custodian for its schema again and again, looks at what has
 * changed, and swaps the federation as a whole where all checks pass. Where they do not, the former schema stays in
 * force, and operator and custodian are told why; that costs no other custodian anything.
 */
export class FederationKeeper {
  readonly #parts: KeeperParts;
  readonly #contractsInForce: ContractsInForce;
  readonly #examination: SchemaExamination;
  #members: readonly Member[] = [];
  #contracts: Contracts = new Map();
  /** Those that the federation in force was composed of. */
  #composed: Contracts = new Map();
  #federation: Federation | undefined;
  #settling: Promise<void> = Promise.resolve();
  #isClosed = false;
  #joinTimes: JoinTimes | undefined;
  /** What was last looked at: looking again would find the same. */
  #lookedAt = '';
  /** Whether the supergraph in force is of these contracts and of these members but hosts. */
  #isComposed = false;
  /** Whether the federation in force is of all of these members as they stand. */
  #isJoined = false;
  readonly #retired = new Map<CustodianConnection, NodeJS.Timeout>();

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#contractsInForce = new ContractsInForce(parts.state.contracts, parts.now);
    this.#examination = new SchemaExamination(parts.checker, parts.operations);
  }

  /** The one in force. */
  get federation(): Federation {
    if (!this.#federation) throw new Error('the federation was asked for before it was opened');
    return this.#federation;
  }

  /** How a custodian's schema stands; undefined for one that the configuration does not name. */
  standing(custodian: string): SchemaStanding | undefined {
    const member = this.#members.find(({ settings }) => settings.id === custodian);
    if (!member) return undefined;
    const { known, isInForce, lacks, isReached, verdict } = member;
    return { inForce: isInForce ? known : undefined, lacks: isInForce ? [...lacks] : [], isReached, verdict };
  }

  /**
   * Brings into force what may be: of each custodian what it serves, or the last schema known. One of which nothing is
   * known is waited for until `patience` ends, or a little where another host of its subgraph is there, and left out then
   * until it comes. Throws `ConfigurationError` where a contract breaks a rule between custodians, or does not compose.
   */
  async open({ custodians, contracts }: Membership, patience: AbortSignal): Promise<void> {
    this.#contracts = bySubgraph(contracts);
    this.#members = await Promise.all(custodians.map((settings) => Member.enter(settings, this.#parts)));
    const [held] = await Promise.all([
      this.#examination.heldContracts(this.#contracts, this.#contractsInForce, []),
      ...this.#members.map((member) => this.#firstAnswer(member, patience)),
    ]);
    // What was in force before stays: that somebody has yet to confirm another is no reason not to start.
    for (const one of held) this.#parts.log.warn({ ...one }, 'a contract does not take effect');
    this.#contracts = await this.#contractsInForce.without(held, this.#contracts);
    await this.#settle();
    await this.#keepContracts(held);
    for (const member of this.#members) void this.#watch(member);
  }

  /**
   * Takes other custodians, others of their settings and other contracts from now on; requests under way keep those that
   * they began with. Answers whether a contract is another. Throws `ConfigurationError`, having changed nothing, where one
   * breaks a rule between custodians, does not compose with what is in force, or guards less than before, unconfirmed.
   */
  async change({ custodians, contracts }: Membership): Promise<boolean> {
    const former = this.#members;
    const members = await Promise.all(
      custodians.map(async (settings) => {
        const same = former.find((member) => JSON.stringify(member.settings) === JSON.stringify(settings));
        return same ?? Member.enter(settings, this.#parts);
      }),
    );
    const next = bySubgraph(contracts.map((one) => this.#known(one)));
    const isOtherContract = !isSame([...next.values()], [...this.#contracts.values()]);
    const composing = members.filter((member) => !isHostOf(next, member));
    const held = isOtherContract ? await this.#examination.heldContracts(next, this.#contractsInForce, composing) : [];
    if (held.length > 0) throw notTaken('gathered', held.flatMap(heldBecause));
    const isComposedAlike =
      !isOtherContract && isSame(members.filter(this.#isComposing), former.filter(this.#isComposing));
    const joined = members.filter((one) => !former.includes(one));
    const left = former.filter((one) => !members.includes(one));
    await this.#settle(() => {
      this.#members = members;
      this.#isJoined = false;
      if (isComposedAlike) return;
      // Even where no schema changes, the order of the members and their addresses may.
      for (const member of members) {
        const { subgraph } = member.settings;
        member.isInForce &&= next.has(subgraph) && next.get(subgraph) === this.#contracts.get(subgraph);
      }
      this.#contracts = next;
      this.#isComposed = false;
      this.#lookedAt = '';
    });
    await this.#keepContracts();
    for (const member of left) this.#retire(member);
    for (const member of joined) void this.#watch(member, 0);
    return isOtherContract;
  }

  /** Asks no more, and ends the connections. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { leaving } of this.#members) leaving.abort();
    for (const timer of this.#retired.values()) clearTimeout(timer);
    await this.#examination.close();
    await this.#settling.catch(() => undefined);
    const connections = [...this.#members.map(({ connection }) => connection), ...this.#retired.keys()];
    await Promise.all(connections.map((connection) => connection.close()));
  }

  /** Whether a member's schema is composed: of hosts, the contract is. */
  readonly #isComposing = (member: Member): boolean => !isHostOf(this.#contracts, member);

  /** Requests that began before may still use the connection; none lives longer than its deadline. */
  #retire({ connection, leaving }: Member): void {
    leaving.abort();
    const end = (): void => {
      this.#retired.delete(connection);
      void connection.close();
    };
    this.#retired.set(connection, setTimeout(end, this.#parts.longestRequest() + PATIENCE).unref());
  }

  async #firstAnswer(member: Member, patience: AbortSignal): Promise<void> {
    const { id, url } = member.settings;
    const little = AbortSignal.timeout(A_LITTLE);
    while (!patience.aborted && !(little.aborted && this.#hasFellow(member))) {
      await member.ask(patience);
      if (member.isFound) return;
      await pause(PATIENCE, undefined, { signal: patience }).catch(() => undefined);
    }
    this.#parts.log.warn({ custodian: id, url, reason: member.reason }, 'the gateway starts without a custodian');
  }

  /** Whether another host of the same subgraph is there: what they host is in the schema without this one. */
  #hasFellow(member: Member): boolean {
    const { subgraph } = member.settings;
    return (
      this.#contracts.has(subgraph) &&
      this.#members.some((other) => other !== member && other.settings.subgraph === subgraph && other.isFound)
    );
  }

  async #watch(member: Member, first?: number): Promise<void> {
    const { signal } = member.leaving;
    let patience = PATIENCE;
    let next = first;
    while (!signal.aborted) {
      const interval = this.#parts.interval();
      const wait =
        next ?? (member.isReached ? interval * (0.9 + 0.2 * this.#parts.random()) : Math.min(patience, interval));
      await pause(wait, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      await member.ask(signal);
      await this.#settle();
      patience = member.isReached ? PATIENCE : Math.min(patience * 2, LONGEST_PATIENCE);
      next = undefined;
    }
  }

  /** Brings into force what may be, one after the other; what fails here is the gateway's own fault, and changes nothing. */
  #settle(before: () => void = () => {}): Promise<void> {
    this.#settling = this.#settling
      .then(before)
      .then(() => this.#settleNow())
      .catch((cause: unknown) => {
        if (!this.#federation) throw cause;
        if (this.#isClosed) return;
        this.#parts.log.error({ cause: describeCause(cause) }, 'a change could not be looked at');
      });
    return this.#settling;
  }

  async #settleNow(): Promise<void> {
    const members = this.#members;
    for (const member of members) await this.#settleHost(member);
    const composing = members.filter(this.#isComposing);
    const known = composing.flatMap((member) => member.wantedAsKnown());
    const changed = (await Promise.all(composing.map((member) => member.wantedAsServed()))).flat();
    const lookedAt = JSON.stringify([known, changed].map((wanted) => wanted.map(nameOf)));
    if (lookedAt !== this.#lookedAt || !this.#federation) {
      const left = [...(await this.#take(known, false)), ...(await this.#take(changed, true))];
      for (const { member, verdict } of left) await member.refuse(verdict);
      if (!this.#federation || (known.length === 0 && !this.#isComposed)) await this.#put([]);
      this.#lookedAt = lookedAt;
    }
    if (!this.#isJoined) await this.#join(this.federation.snapshot);
    for (const member of members) {
      if (member.isInForce && member.servesKnown) await member.settle();
    }
    // One that does not listen keeps nobody waiting.
    for (const member of members) void member.tell();
  }

  /** Admits what a host serves where that keeps to the contract; what the others serve, and the supergraph, stay as they are. */
  async #settleHost(member: Member): Promise<void> {
    const contract = this.#contracts.get(member.settings.subgraph);
    if (!contract) return;
    const known = member.wantedAsKnown();
    const wanted = [...known, ...(await member.wantedAsServed())];
    const lookedAt = JSON.stringify(wanted.map(nameOf));
    if (contract === member.lookedBeside && lookedAt === member.lookedAt) return;
    for (const one of wanted) {
      const report = await this.#examination.ofHost(contract, one);
      if (mayBeAdmitted(report, one.awaits)) await this.#admit(one, report, !known.includes(one));
      else await member.refuse(judgeSchema(report, member.settings.subgraph, one.digest, one.awaits));
    }
    member.lookedBeside = contract;
    member.lookedAt = lookedAt;
  }

  async #admit(wanted: Wanted, { lacks }: HostReport, isNew: boolean): Promise<void> {
    const { member, digest } = wanted;
    await member.take(wanted, isNew, lacks);
    this.#isJoined = false;
    this.#parts.log.info({ custodian: member.settings.id, digest, lacks: [...lacks] }, 'a host is admitted');
  }

  /** The contract as it is in force, where it has not changed: it is then the same object. */
  #known(contract: Contract): Contract {
    const known = this.#contracts.get(contract.schema.subgraph);
    return known?.schema.sdl === contract.schema.sdl ? known : contract;
  }

  #take(wanted: readonly Wanted[], isNew: boolean): ReturnType<typeof takeSchemas> {
    return takeSchemas(
      wanted,
      (group) => this.#check(group),
      (group, report) => this.#put(group, report, isNew),
    );
  }

  #check(group: readonly Wanted[]): Promise<SchemaReport> {
    const composing = this.#members.filter(this.#isComposing);
    return this.#examination.composed(group, composing, this.#contracts, this.#composed);
  }

  /** Puts schemas into force. */
  async #put(group: readonly Wanted[], given?: SchemaReport, isNew = false): Promise<void> {
    const report = given ?? (await this.#check(group));
    if (report.supergraph === undefined) throw new Error('what is in force does not compose');
    const snapshot = new SupergraphSnapshot(report.supergraph);
    for (const wanted of group) await wanted.member.take(wanted, isNew);
    this.#composed = this.#contracts;
    this.#isComposed = true;
    await this.#join(snapshot);
    const { log } = this.#parts;
    const custodians = group.map(({ member, digest }) => ({ custodian: member.settings.id, digest }));
    log.info({ supergraph: snapshot.version, custodians }, 'schemas have taken effect');
    const told = toldOf(report);
    if (told.length > 0)
      log.warn({ supergraph: snapshot.version, told }, 'what was asked lately is answered otherwise');
  }

  /** Keeps the contracts in force, but for those that were held and are what they were. */
  async #keepContracts(held: readonly AwaitedContract[] = []): Promise<void> {
    const isHeld = new Set(held.map(({ subgraph }) => subgraph));
    const taken = new Map([...this.#contracts].filter(([subgraph]) => !isHeld.has(subgraph)));
    await this.#contractsInForce
      .take(taken)
      .catch((cause: unknown) => this.#parts.log.error({ cause: describeCause(cause) }, 'a contract cannot be kept'));
  }

  /** Swaps the federation: a supergraph, with the members as they stand. */
  async #join(snapshot: SupergraphSnapshot): Promise<void> {
    const present = this.#members.filter(({ isInForce }) => isInForce);
    this.#joinTimes ??= await JoinTimes.read(this.#parts);
    const joined = await this.#joinTimes.of(present.map(({ settings }) => settings.id));
    this.#federation = federationOf(
      snapshot,
      present.map(({ connection }) => connection),
      this.#members.map(({ connection }) => connection),
      {
        gathered: new Map(Array.from(this.#composed, ([subgraph, { rules }]) => [subgraph, rules])),
        lacks: new Map(present.map(({ settings, lacks }) => [settings.id, lacks])),
        joined,
      },
    );
    this.#isJoined = true;
  }
}

const isHostOf = (contracts: Contracts, { settings }: Member): boolean => contracts.has(settings.subgraph);

const bySubgraph = (contracts: readonly Contract[]): Contracts =>
  new Map(contracts.map((contract) => [contract.schema.subgraph, contract]));

const isSame = <Item>(left: readonly Item[], right: readonly Item[]): boolean =>
  left.length === right.length && left.every((item, index) => item === right[index]);

const nameOf = ({ member, digest, awaits }: Wanted) => [member.settings.id, digest, awaits];
