import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import type { ContextSigner } from '../../protocol/request-context.ts';
import { MOST_FINDINGS, type SchemaVerdict } from '../../protocol/schema-verdict.ts';
import { type SchemaReport, refusals, sentenceOf } from '../compose/check-schemas.ts';
import { type Contract, type HostReport, lackFinding } from '../compose/host-contract.ts';
import type { ServedSchema } from '../compose/subgraph-schema.ts';
import { SupergraphSnapshot } from '../compose/supergraph-snapshot.ts';
import { CustodianConnection } from '../custodian-connection.ts';
import { describeCause } from '../../protocol/describe-cause.ts';
import { type Federation, federationOf } from '../federation.ts';
import { type ServedNow, askSchema, tellVerdict } from './ask-schema.ts';
import type { SchemaChecker } from './check-thread.ts';
import { type GatewayState, type KnownSchema, type MemberSettings, lastKnownSchema } from './gateway-state.ts';
import { ContractsInForce, goneAfter, heldBecause } from './contracts-in-force.ts';
import type { AwaitedContract } from './known-contract.ts';
import { type Awaits, judgeSchema, mayBeAdmitted, mayTakeEffect, toldOf } from './judge-schemas.ts';
import { notTaken } from './read-contracts.ts';

/** What the keeper works with. */
export interface KeeperParts {
  readonly signer: () => ContextSigner;
  readonly state: GatewayState;
  readonly checker: SchemaChecker;
  /** What was asked lately: documents without names and values. */
  readonly operations: () => readonly string[];
  /** Milliseconds from one question for a custodian's schema to the next. */
  readonly interval: () => number;
  /** Milliseconds that a request lives at most: so long a connection that is no longer needed is kept. */
  readonly longestRequest: () => number;
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly log: Logger;
}

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

interface Member {
  readonly settings: MemberSettings;
  readonly connection: CustodianConnection;
  /** The last schema that took effect, in this or an earlier run. */
  known: KnownSchema | undefined;
  isInForce: boolean;
  /** What the schema in force lacks of the contract. */
  lacks: ReadonlySet<string>;
  /** Beside which contract which schemas of a host were last looked at. */
  lookedBeside: Contract | undefined;
  lookedAt: string;
  served: ServedNow | undefined;
  isReached: boolean;
  /** Why it was not reached. */
  reason: string;
  verdict: SchemaVerdict | undefined;
  /** The verdict that it has been told. */
  told: SchemaVerdict | undefined;
  isBeingTold: boolean;
  readonly leaving: AbortController;
}

/** A member's schema that is not in force and may be. */
interface Wanted {
  readonly member: Member;
  readonly sdl: string;
  readonly digest: string;
  readonly awaits: Awaits;
}

const NOTHING: ReadonlySet<string> = new Set();
const ASK_WITHIN = 5_000;
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
  #members: readonly Member[] = [];
  #contracts: ReadonlyMap<string, Contract> = new Map();
  /** Those that the federation in force was composed of. */
  #composed: ReadonlyMap<string, Contract> = new Map();
  #federation: Federation | undefined;
  #settling: Promise<void> = Promise.resolve();
  #isClosed = false;
  /** When those of the federation in force joined, by id. */
  #joined: ReadonlyMap<string, number> = new Map();
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
    this.#members = await Promise.all(custodians.map((settings) => this.#enter(settings)));
    // Those known from an earlier run were there before any walk that goes on now.
    this.#joined = new Map(this.#members.flatMap(({ known, settings }) => (known ? [[settings.id, 0]] : [])));
    const [held] = await Promise.all([
      this.#held(this.#contracts, []),
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
        return same ?? this.#enter(settings);
      }),
    );
    const next = bySubgraph(contracts.map((one) => this.#known(one)));
    const isOtherContract = !isSame([...next.values()], [...this.#contracts.values()]);
    const held = isOtherContract ? await this.#held(next, members) : [];
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
    await this.#parts.checker.close();
    await this.#settling.catch(() => undefined);
    const connections = [...this.#members.map(({ connection }) => connection), ...this.#retired.keys()];
    await Promise.all(connections.map((connection) => connection.close()));
  }

  /** Whether a member's schema is composed: of hosts, the contract is. */
  readonly #isComposing = (member: Member): boolean => !isHostOf(this.#contracts, member);

  async #enter(settings: MemberSettings): Promise<Member> {
    return {
      settings,
      connection: new CustodianConnection(settings, this.#parts),
      known: await lastKnownSchema(this.#parts.state, settings),
      isInForce: false,
      lacks: NOTHING,
      lookedBeside: undefined,
      lookedAt: '',
      served: undefined,
      isReached: false,
      reason: '',
      verdict: undefined,
      told: undefined,
      isBeingTold: false,
      leaving: new AbortController(),
    };
  }

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
      await this.#ask(member, patience);
      if (isFound(member)) return;
      await pause(PATIENCE, undefined, { signal: patience }).catch(() => undefined);
    }
    this.#parts.log.warn({ custodian: id, url, reason: member.reason }, 'the gateway starts without a custodian');
  }

  /** Whether another host of the same subgraph is there: what they host is in the schema without this one. */
  #hasFellow(member: Member): boolean {
    const { subgraph } = member.settings;
    return (
      this.#contracts.has(subgraph) &&
      this.#members.some((other) => other !== member && other.settings.subgraph === subgraph && isFound(other))
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
      await this.#ask(member, signal);
      await this.#settle();
      patience = member.isReached ? PATIENCE : Math.min(patience * 2, LONGEST_PATIENCE);
      next = undefined;
    }
  }

  async #ask(member: Member, signal: AbortSignal): Promise<void> {
    const { connection, settings, served, leaving } = member;
    const { log, signer } = this.#parts;
    try {
      const bounded = AbortSignal.any([signal, leaving.signal, AbortSignal.timeout(ASK_WITHIN)]);
      member.served = await askSchema(connection, signer(), served, bounded);
      if (member.reason !== '') log.info({ custodian: settings.id }, 'a custodian is back');
      member.isReached = true;
      member.reason = '';
    } catch (cause) {
      member.isReached = false;
      const reason = cause instanceof Error && cause.message !== '' ? cause.message : 'no answer';
      if (signal.aborted || reason === member.reason) return;
      member.reason = reason;
      log.info({ custodian: settings.id, url: settings.url, reason }, 'waiting for a custodian');
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
    const known = composing.flatMap(knownOf);
    const changed = (await Promise.all(composing.map((member) => this.#changed(member)))).flat();
    const lookedAt = JSON.stringify([known, changed].map((wanted) => wanted.map(nameOf)));
    if (lookedAt !== this.#lookedAt || !this.#federation) {
      const left = [...(await this.#take(known, false)), ...(await this.#take(changed, true))];
      for (const { member, verdict } of left) await this.#refuse(member, verdict);
      if (!this.#federation || (known.length === 0 && !this.#isComposed)) await this.#put([]);
      this.#lookedAt = lookedAt;
    }
    if (!this.#isJoined) this.#join(this.federation.snapshot);
    for (const member of members) {
      if (member.isInForce && member.served?.digest === member.known?.digest) await this.#inForce(member);
    }
    // One that does not listen keeps nobody waiting.
    for (const member of members) void this.#tell(member);
  }

  /** Admits what a host serves where that keeps to the contract; what the others serve, and the supergraph, stay as they are. */
  async #settleHost(member: Member): Promise<void> {
    const contract = this.#contracts.get(member.settings.subgraph);
    if (!contract) return;
    const known = knownOf(member);
    const wanted = [...known, ...(await this.#changed(member))];
    const lookedAt = JSON.stringify(wanted.map(nameOf));
    if (contract === member.lookedBeside && lookedAt === member.lookedAt) return;
    for (const one of wanted) {
      const report = await this.#judge(contract, one);
      if (mayBeAdmitted(report, one.awaits)) await this.#admit(one, report, !known.includes(one));
      else await this.#refuse(member, judgeSchema(report, member.settings.subgraph, one.digest, one.awaits));
    }
    member.lookedBeside = contract;
    member.lookedAt = lookedAt;
  }

  async #judge({ schema }: Contract, { member, sdl }: Wanted): Promise<HostReport> {
    const { subgraph, url, sdl: contract } = schema;
    const inForce = member.known;
    const { checks, lacks = NOTHING }: Partial<HostReport> & SchemaReport = await this.#looked((checker) =>
      checker.judge({ contract: { subgraph, url, sdl: contract }, sdl, inForce }),
    );
    return { checks, lacks };
  }

  async #admit(wanted: Wanted, { lacks }: HostReport, isNew: boolean): Promise<void> {
    const { member, digest } = wanted;
    if (isNew) await this.#keep(wanted);
    member.isInForce = true;
    member.lacks = lacks;
    this.#isJoined = false;
    this.#parts.log.info({ custodian: member.settings.id, digest, lacks: [...lacks] }, 'a host is admitted');
  }

  async #changed(member: Member): Promise<Wanted[]> {
    const { served, known, settings } = member;
    if (!served || served.digest === known?.digest) return [];
    const { digest, sdl, isConfirmed } = served;
    const confirmed = known && (await this.#parts.state.confirmation(settings.id));
    const isOperatorsToo = confirmed?.to === digest && confirmed.from === known?.digest;
    return [
      {
        member,
        sdl,
        digest,
        awaits: [...(isOperatorsToo ? [] : (['GATEWAY'] as const)), ...(isConfirmed ? [] : (['CUSTODIAN'] as const))],
      },
    ];
  }

  /**
   * Takes all together where that passes, else each by itself, and then together what none can have alone: what two share
   * changes in both. Answers what is left, and why.
   */
  async #take(wanted: readonly Wanted[], isNew: boolean): Promise<{ member: Member; verdict: SchemaVerdict }[]> {
    const verdicts = new Map<Member, SchemaVerdict>();
    let left = wanted;
    const attempt = async (group: readonly Wanted[]): Promise<boolean> => {
      const report = await this.#check(group);
      const awaits = (subgraph: string): Awaits =>
        group.find(({ member }) => member.settings.subgraph === subgraph)?.awaits ?? [];
      if (mayTakeEffect(report, awaits)) {
        await this.#put(group, report, isNew);
        left = left.filter((one) => !group.includes(one));
        return true;
      }
      const [only, ...others] = group;
      if (only && others.length === 0) {
        const { member, digest } = only;
        verdicts.set(member, judgeSchema(report, member.settings.subgraph, digest, only.awaits));
      }
      return false;
    };
    if (left.length > 1 && (await attempt(left))) return [];
    for (const one of left) await attempt([one]);
    const together = left.length < wanted.length ? [left] : [];
    const allButOne = left.map((one) => left.filter((other) => other !== one));
    for (const group of [...together, ...allButOne]) if (group.length > 1 && (await attempt(group))) break;
    return left.flatMap(({ member }) => {
      const verdict = verdicts.get(member);
      return verdict ? [{ member, verdict }] : [];
    });
  }

  /**
   * Answers which contracts guard less than those in force and wait to be confirmed. Throws `ConfigurationError` where one,
   * beside the schemas in force of members, would not be taken of a custodian.
   */
  async #held(
    contracts: ReadonlyMap<string, Contract>,
    members: readonly Member[],
  ): Promise<readonly AwaitedContract[]> {
    if (contracts.size === 0) return [];
    const inForce = members.flatMap((member) =>
      member.isInForce && member.known && !isHostOf(contracts, member) ? [served(member, member.known.sdl)] : [],
    );
    const known = await this.#contractsInForce.of(contracts);
    const former = known.map(({ subgraph, sdl, gone }) => ({ subgraph, url: '', sdl, gone }));
    const proposal = { schemas: [...contractsServed(contracts), ...inForce], inForce: former, operations: [] };
    const report = await this.#looked((checker) => checker.check(proposal));
    const faults = refusals(report).flatMap((check) => check.findings.map((finding) => sentenceOf(check, finding)));
    if (faults.length > 0) throw notTaken('gathered', faults);
    return this.#contractsInForce.held(contracts, report);
  }

  /** The contract as it is in force, where it has not changed: it is then the same object. */
  #known(contract: Contract): Contract {
    const known = this.#contracts.get(contract.schema.subgraph);
    return known?.schema.sdl === contract.schema.sdl ? known : contract;
  }

  #check(group: readonly Wanted[]): Promise<SchemaReport> {
    const composing = this.#members.filter(this.#isComposing);
    const schemas = composing.flatMap((member) => {
      const sdl =
        group.find((wanted) => wanted.member === member)?.sdl ?? (member.isInForce ? member.known?.sdl : undefined);
      return sdl === undefined ? [] : [served(member, sdl)];
    });
    const inForce = composing.flatMap((member) =>
      member.known ? [{ ...served(member, member.known.sdl), gone: member.known.gone }] : [],
    );
    const proposal = {
      schemas: [...contractsServed(this.#contracts), ...schemas],
      inForce: [...contractsServed(this.#composed), ...inForce],
      operations: this.#parts.operations(),
    };
    return this.#looked((checker) => checker.check(proposal));
  }

  /** A report that says so where the checker cannot say. */
  async #looked<Report>(look: (checker: SchemaChecker) => Promise<Report>): Promise<Report | SchemaReport> {
    try {
      return await look(this.#parts.checker);
    } catch (cause) {
      if (this.#isClosed) throw cause;
      const message = cause instanceof Error ? cause.message : 'it cannot be checked';
      return { checks: [{ ...UNCHECKABLE, outcome: 'FOUND', findings: [{ message }] }] };
    }
  }

  /** Puts schemas into force. */
  async #put(group: readonly Wanted[], given?: SchemaReport, isNew = false): Promise<void> {
    const report = given ?? (await this.#check(group));
    if (report.supergraph === undefined) throw new Error('what is in force does not compose');
    const snapshot = new SupergraphSnapshot(report.supergraph);
    for (const wanted of group) {
      if (isNew) await this.#keep(wanted);
      wanted.member.isInForce = true;
      wanted.member.lacks = NOTHING;
    }
    this.#composed = this.#contracts;
    this.#isComposed = true;
    this.#join(snapshot);
    const { log } = this.#parts;
    const custodians = group.map(({ member, digest }) => ({ custodian: member.settings.id, digest }));
    log.info({ supergraph: snapshot.version, custodians }, 'schemas have taken effect');
    const told = toldOf(report);
    if (told.length > 0)
      log.warn({ supergraph: snapshot.version, told }, 'what was asked lately is answered otherwise');
  }

  /** Keeps a schema that takes effect, and what it guarded before. */
  async #keep({ member, sdl, digest }: Wanted): Promise<void> {
    const { state, log, now } = this.#parts;
    const { id, subgraph } = member.settings;
    const gone = member.known ? goneAfter(member.known, sdl) : [];
    member.known = { custodian: id, subgraph, digest, since: new Date(now()).toISOString(), sdl, gone };
    await state
      .keep(member.known)
      .catch((cause: unknown) => log.error({ custodian: id, cause: describeCause(cause) }, 'a schema cannot be kept'));
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
  #join(snapshot: SupergraphSnapshot): void {
    const present = this.#members.filter(({ isInForce }) => isInForce);
    const now = Math.max(this.#parts.now(), ...Array.from(this.#joined.values(), (at) => at + 1));
    this.#joined = new Map(present.map(({ settings: { id } }) => [id, this.#joined.get(id) ?? now]));
    this.#federation = federationOf(
      snapshot,
      present.map(({ connection }) => connection),
      this.#members.map(({ connection }) => connection),
      {
        gathered: new Map(Array.from(this.#composed, ([subgraph, { rules }]) => [subgraph, rules])),
        lacks: new Map(present.map(({ settings, lacks }) => [settings.id, lacks])),
        joined: this.#joined,
      },
    );
    this.#isJoined = true;
  }

  async #refuse(member: Member, verdict: SchemaVerdict): Promise<void> {
    const { state, log } = this.#parts;
    const { id } = member.settings;
    if (JSON.stringify(verdict) === JSON.stringify(member.verdict)) return;
    member.verdict = verdict;
    log.warn({ custodian: id, inForce: member.known?.digest, ...verdict }, 'a schema does not take effect');
    if (verdict.verdict !== 'UNCONFIRMED' || !member.known) return;
    const weakened = verdict.findings.map(({ message }) => message);
    await state.await({ custodian: id, from: member.known.digest, to: verdict.digest, weakened });
  }

  async #inForce(member: Member): Promise<void> {
    const { known, lacks } = member;
    if (!known) return;
    const findings = Array.from(lacks, lackFinding).slice(0, MOST_FINDINGS);
    const verdict: SchemaVerdict = { digest: known.digest, verdict: 'IN_FORCE', awaits: [], findings };
    if (isDeepStrictEqual(member.verdict, verdict)) return;
    member.verdict = verdict;
    await this.#parts.state.settle(member.settings.id);
  }

  async #tell(member: Member): Promise<void> {
    const { connection, verdict, told, isReached, isBeingTold, leaving } = member;
    if (!verdict || verdict === told || !isReached || isBeingTold) return;
    member.isBeingTold = true;
    try {
      const bounded = AbortSignal.any([leaving.signal, AbortSignal.timeout(ASK_WITHIN)]);
      await tellVerdict(connection, this.#parts.signer(), verdict, bounded);
      member.told = verdict;
    } catch (cause) {
      const { id } = member.settings;
      this.#parts.log.info(
        { custodian: id, cause: describeCause(cause) },
        'a custodian could not be told of its schema',
      );
    } finally {
      member.isBeingTold = false;
    }
  }
}

const isHostOf = (contracts: ReadonlyMap<string, Contract>, { settings }: Member): boolean =>
  contracts.has(settings.subgraph);

/** Whether its schema is known, from itself now or from an earlier run. */
const isFound = ({ isReached, known }: Member): boolean => isReached || known !== undefined;

const bySubgraph = (contracts: readonly Contract[]): ReadonlyMap<string, Contract> =>
  new Map(contracts.map((contract) => [contract.schema.subgraph, contract]));

const isSame = <Item>(left: readonly Item[], right: readonly Item[]): boolean =>
  left.length === right.length && left.every((item, index) => item === right[index]);

const contractsServed = (contracts: ReadonlyMap<string, Contract>): ServedSchema[] =>
  Array.from(contracts.values(), ({ schema: { subgraph, url, sdl } }) => ({ subgraph, url, sdl }));

const served = ({ settings: { subgraph, url } }: Member, sdl: string): ServedSchema => ({
  subgraph,
  url: `${url}/${subgraph}/graphql`,
  sdl,
});

/** The last schema known of a member, where that is not in force. */
const knownOf = (member: Member): Wanted[] =>
  member.known && !member.isInForce ? [{ ...member.known, member, awaits: [] }] : [];

const nameOf = ({ member, digest, awaits }: Wanted) => [member.settings.id, digest, awaits];

const UNCHECKABLE = {
  id: 'checkable',
  says: 'Looking at a schema takes bounded time and memory.',
  finding: 'REFUSES',
} as const;
