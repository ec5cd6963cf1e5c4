import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { ContextSigner } from '../../protocol/request-context.ts';
import type { SchemaVerdict } from '../../protocol/schema-verdict.ts';
import type { SchemaReport } from '../compose/check-schemas.ts';
import { parseSubgraphSchema } from '../compose/subgraph-schema.ts';
import { SupergraphSnapshot } from '../compose/supergraph-snapshot.ts';
import { goneGuards } from '../compose/weakened-guards.ts';
import { CustodianConnection } from '../custodian-connection.ts';
import { describeCause } from '../../protocol/describe-cause.ts';
import { type Federation, federationOf } from '../federation.ts';
import { type ServedNow, askSchema, tellVerdict } from './ask-schema.ts';
import type { SchemaChecker } from './check-thread.ts';
import { type GatewayState, type KnownSchema, type MemberSettings, lastKnownSchema } from './gateway-state.ts';
import { type Awaits, judgeSchema, mayTakeEffect, toldOf } from './judge-schemas.ts';

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
  /** Whether it answered when it was last asked. */
  readonly isReached: boolean;
  /** What became of the schema that it serves. */
  readonly verdict: SchemaVerdict | undefined;
}

interface Member {
  readonly settings: MemberSettings;
  readonly connection: CustodianConnection;
  /** The last schema that took effect, in this or an earlier run. */
  known: KnownSchema | undefined;
  isInForce: boolean;
  served: ServedNow | undefined;
  isReached: boolean;
  /** Why it was not reached. */
  reason: string;
  verdict: SchemaVerdict | undefined;
  /** The verdict that it has been told. */
  told: SchemaVerdict | undefined;
  readonly leaving: AbortController;
}

/** A member's schema that is not in force and may be. */
interface Wanted {
  readonly member: Member;
  readonly sdl: string;
  readonly digest: string;
  readonly awaits: Awaits;
}

const ASK_WITHIN = 5_000;
const PATIENCE = 250;
const LONGEST_PATIENCE = 5_000;

/**
 * Keeps the federation in force what it should be: asks each custodian for its schema again and again, looks at what has
 * changed, and swaps the federation as a whole where all checks pass. Where they do not, the former schema stays in
 * force, and operator and custodian are told why; that costs no other custodian anything.
 */
export class FederationKeeper {
  readonly #parts: KeeperParts;
  #members: readonly Member[] = [];
  #federation: Federation | undefined;
  #settling: Promise<void> = Promise.resolve();
  #isClosed = false;
  /** What was last looked at: looking again would find the same. */
  #lookedAt = '';
  readonly #retired = new Map<CustodianConnection, NodeJS.Timeout>();

  constructor(parts: KeeperParts) {
    this.#parts = parts;
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
    const { known, isInForce, isReached, verdict } = member;
    return { inForce: isInForce ? known : undefined, isReached, verdict };
  }

  /**
   * Brings into force what may be: of each custodian what it serves, or the last schema known. One of which nothing is
   * known is waited for until `patience` ends, and left out then until it comes.
   */
  async open(custodians: readonly MemberSettings[], patience: AbortSignal): Promise<void> {
    this.#members = await Promise.all(custodians.map((settings) => this.#join(settings)));
    await Promise.all(this.#members.map((member) => this.#firstAnswer(member, patience)));
    await this.#settle();
    for (const member of this.#members) void this.#watch(member);
  }

  /** Takes other custodians, or others of their settings, from now on; requests under way keep those that they began with. */
  async change(custodians: readonly MemberSettings[]): Promise<void> {
    const former = this.#members;
    const members = await Promise.all(
      custodians.map(async (settings) => {
        const same = former.find((member) => JSON.stringify(member.settings) === JSON.stringify(settings));
        return same ?? this.#join(settings);
      }),
    );
    const [joined, left] = [
      members.filter((one) => !former.includes(one)),
      former.filter((one) => !members.includes(one)),
    ];
    await this.#settle(() => {
      // Even where no schema changes, the order of the members and their addresses may.
      for (const member of members) member.isInForce = false;
      this.#members = members;
      this.#lookedAt = '';
    });
    for (const member of left) this.#retire(member);
    for (const member of joined) void this.#watch(member, 0);
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

  async #join(settings: MemberSettings): Promise<Member> {
    return {
      settings,
      connection: new CustodianConnection(settings, this.#parts),
      known: await lastKnownSchema(this.#parts.state, settings),
      isInForce: false,
      served: undefined,
      isReached: false,
      reason: '',
      verdict: undefined,
      told: undefined,
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
    while (!patience.aborted) {
      await this.#ask(member, patience);
      if (member.isReached || member.known) return;
      await pause(PATIENCE, undefined, { signal: patience }).catch(() => undefined);
    }
    this.#parts.log.warn({ custodian: id, url, reason: member.reason }, 'the gateway starts without a custodian');
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
    const known = members.flatMap((member) =>
      member.known && !member.isInForce ? [{ ...member.known, member, awaits: [] }] : [],
    );
    const changed = await Promise.all(members.map((member) => this.#changed(member)));
    const lookedAt = JSON.stringify(
      [known, changed.flat()].map((wanted) =>
        wanted.map(({ member, digest, awaits }) => [member.settings.id, digest, awaits]),
      ),
    );
    if (lookedAt !== this.#lookedAt || !this.#federation) {
      const left = [...(await this.#take(known, false)), ...(await this.#take(changed.flat(), true))];
      for (const { member, verdict } of left) await this.#refuse(member, verdict);
      if (!this.#federation || (known.length === 0 && this.#federation.members.length !== members.length))
        await this.#put([]);
      this.#lookedAt = lookedAt;
    }
    for (const member of members) {
      if (member.isInForce && member.served?.digest === member.known?.digest) await this.#inForce(member);
    }
    await Promise.all(members.map((member) => this.#tell(member)));
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

  async #check(group: readonly Wanted[]): Promise<SchemaReport> {
    const { checker, operations } = this.#parts;
    const served = (member: Member, sdl: string) => ({
      subgraph: member.settings.subgraph,
      url: `${member.settings.url}/${member.settings.subgraph}/graphql`,
      sdl,
    });
    const schemas = this.#members.flatMap((member) => {
      const sdl =
        group.find((wanted) => wanted.member === member)?.sdl ?? (member.isInForce ? member.known?.sdl : undefined);
      return sdl === undefined ? [] : [served(member, sdl)];
    });
    const inForce = this.#members.flatMap((member) =>
      member.known ? [{ ...served(member, member.known.sdl), gone: member.known.gone }] : [],
    );
    try {
      return await checker.check({ schemas, inForce, operations: operations() });
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
    const { state, log, now } = this.#parts;
    for (const { member, sdl, digest } of group) {
      member.isInForce = true;
      if (!isNew) continue;
      const { id, subgraph } = member.settings;
      const gone = member.known ? goneAfter(member.known, sdl) : [];
      member.known = { custodian: id, subgraph, digest, since: new Date(now()).toISOString(), sdl, gone };
      await state
        .keep(member.known)
        .catch((cause: unknown) =>
          log.error({ custodian: id, cause: describeCause(cause) }, 'a schema cannot be kept'),
        );
    }
    const connections = this.#members.map(({ connection }) => connection);
    this.#federation = federationOf(
      snapshot,
      this.#members.flatMap(({ isInForce, connection }) => (isInForce ? [connection] : [])),
      connections,
    );
    const custodians = group.map(({ member, digest }) => ({ custodian: member.settings.id, digest }));
    log.info({ supergraph: snapshot.version, custodians }, 'schemas have taken effect');
    const told = toldOf(report);
    if (told.length > 0)
      log.warn({ supergraph: snapshot.version, told }, 'what was asked lately is answered otherwise');
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
    const { known, verdict } = member;
    if (!known || (verdict?.verdict === 'IN_FORCE' && verdict.digest === known.digest)) return;
    member.verdict = { digest: known.digest, verdict: 'IN_FORCE', awaits: [], findings: [] };
    await this.#parts.state.settle(member.settings.id);
  }

  async #tell(member: Member): Promise<void> {
    const { connection, verdict, told, isReached, leaving } = member;
    if (!verdict || verdict === told || !isReached) return;
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
    }
  }
}

function goneAfter({ subgraph, sdl: former, gone }: KnownSchema, sdl: string): KnownSchema['gone'] {
  const parse = (text: string) => parseSubgraphSchema({ subgraph, url: '', sdl: text });
  return goneGuards(parse(former), parse(sdl), gone).map(({ coordinate, requirement, fields }) => ({
    coordinate,
    requirement: requirement.map((all) => [...all]),
    fields: [...fields],
  }));
}

const UNCHECKABLE = {
  id: 'checkable',
  says: 'Looking at a schema takes bounded time and memory.',
  finding: 'REFUSES',
} as const;
