import { isDeepStrictEqual } from 'node:util';
import { describeCause } from '../../protocol/describe-cause.ts';
import { MOST_FINDINGS, type SchemaVerdict } from '../../protocol/schema-verdict.ts';
import { type Contract, lackFinding } from '../compose/host-contract.ts';
import type { ServedSchema } from '../compose/subgraph-schema.ts';
import { CustodianConnection } from '../custodian-connection.ts';
import { type ServedNow, askSchema, tellVerdict } from './ask-schema.ts';
import { goneAfter } from './contracts-in-force.ts';
import { type KnownSchema, type MemberSettings, lastKnownSchema } from './gateway-state.ts';
import type { Awaits } from './judge-schemas.ts';
import type { KeeperParts } from './keeper-parts.ts';

/** A member's schema that is not in force and may be. */
export interface Wanted {
  readonly member: Member;
  readonly sdl: string;
  readonly digest: string;
  readonly awaits: Awaits;
}

/** Milliseconds within which a custodian has to answer for its schema. */
export const ASK_WITHIN = 5_000;

const NOTHING: ReadonlySet<string> = new Set();

/** A custodian of the federation: what it serves, what of that is in force, and what it has been told of it. */
export class Member {
  readonly settings: MemberSettings;
  readonly connection: CustodianConnection;
  readonly leaving = new AbortController();
  readonly #parts: KeeperParts;
  /** The last schema that took effect, in this or an earlier run. */
  known: KnownSchema | undefined;
  isInForce = false;
  /** What the schema in force lacks of the contract. */
  lacks = NOTHING;
  /** Beside which contract which schemas of a host were last looked at. */
  lookedBeside: Contract | undefined;
  lookedAt = '';
  isReached = false;
  verdict: SchemaVerdict | undefined;
  #served: ServedNow | undefined;
  /** Why it was not reached. */
  #reason = '';
  /** The verdict that it has been told. */
  #told: SchemaVerdict | undefined;
  #isBeingTold = false;

  private constructor(settings: MemberSettings, parts: KeeperParts, known: KnownSchema | undefined) {
    this.settings = settings;
    this.connection = new CustodianConnection(settings, parts);
    this.#parts = parts;
    this.known = known;
  }

  /** One that the configuration names, with what is known of it from an earlier run. */
  static async enter(settings: MemberSettings, parts: KeeperParts): Promise<Member> {
    return new Member(settings, parts, await lastKnownSchema(parts.state, settings));
  }

  /** Whether its schema is known, from itself now or from an earlier run. */
  get isFound(): boolean {
    return this.isReached || this.known !== undefined;
  }

  /** Why it was not reached, in the operator's words. */
  get reason(): string {
    return this.#reason;
  }

  /** Whether what it serves is what it was last known to. */
  get servesKnown(): boolean {
    return this.#served?.digest === this.known?.digest;
  }

  /** A schema of it, as its subgraph serves it. */
  serving(sdl: string): ServedSchema {
    const { subgraph, url } = this.settings;
    return { subgraph, url: `${url}/${subgraph}/graphql`, sdl };
  }

  /** The last schema known of it, where that is not in force. */
  wantedAsKnown(): Wanted[] {
    return this.known && !this.isInForce ? [{ ...this.known, member: this, awaits: [] }] : [];
  }

  /** What it serves, where that is not what is known of it. */
  async wantedAsServed(): Promise<Wanted[]> {
    if (!this.#served || this.servesKnown) return [];
    const { digest, sdl, isConfirmed } = this.#served;
    const confirmed = this.known && (await this.#parts.state.confirmation(this.settings.id));
    const isOperatorsToo = confirmed?.to === digest && confirmed.from === this.known?.digest;
    const awaits = [
      ...(isOperatorsToo ? [] : (['GATEWAY'] as const)),
      ...(isConfirmed ? [] : (['CUSTODIAN'] as const)),
    ];
    return [{ member: this, sdl, digest, awaits }];
  }

  /** Asks it for its schema. */
  async ask(signal: AbortSignal): Promise<void> {
    const { log, signer } = this.#parts;
    const { id, url } = this.settings;
    try {
      const bounded = AbortSignal.any([signal, this.leaving.signal, AbortSignal.timeout(ASK_WITHIN)]);
      this.#served = await askSchema(this.connection, signer(), this.#served, bounded);
      if (this.#reason !== '') log.info({ custodian: id }, 'a custodian is back');
      this.isReached = true;
      this.#reason = '';
    } catch (cause) {
      this.isReached = false;
      const reason = cause instanceof Error && cause.message !== '' ? cause.message : 'no answer';
      if (signal.aborted || reason === this.#reason) return;
      this.#reason = reason;
      log.info({ custodian: id, url, reason }, 'waiting for a custodian');
    }
  }

  /** A schema of it takes effect: `isNew` is kept, with what it guarded before. */
  async take({ sdl, digest }: Wanted, isNew: boolean, lacks = NOTHING): Promise<void> {
    this.isInForce = true;
    this.lacks = lacks;
    if (!isNew) return;
    const { state, log, now } = this.#parts;
    const { id, subgraph } = this.settings;
    const gone = this.known ? goneAfter(this.known, sdl) : [];
    this.known = { custodian: id, subgraph, digest, since: new Date(now()).toISOString(), sdl, gone };
    await state
      .keep(this.known)
      .catch((cause: unknown) => log.error({ custodian: id, cause: describeCause(cause) }, 'a schema cannot be kept'));
  }

  /** What it serves does not take effect. */
  async refuse(verdict: SchemaVerdict): Promise<void> {
    const { state, log } = this.#parts;
    const { id } = this.settings;
    if (JSON.stringify(verdict) === JSON.stringify(this.verdict)) return;
    this.verdict = verdict;
    log.warn({ custodian: id, inForce: this.known?.digest, ...verdict }, 'a schema does not take effect');
    if (verdict.verdict !== 'UNCONFIRMED' || !this.known) return;
    const weakened = verdict.findings.map(({ message }) => message);
    await state.await({ custodian: id, from: this.known.digest, to: verdict.digest, weakened });
  }

  /** What it serves is in force: nothing of it waits to be confirmed any more. */
  async settle(): Promise<void> {
    const { known, lacks } = this;
    if (!known) return;
    const findings = Array.from(lacks, lackFinding).slice(0, MOST_FINDINGS);
    const verdict: SchemaVerdict = { digest: known.digest, verdict: 'IN_FORCE', awaits: [], findings };
    if (isDeepStrictEqual(this.verdict, verdict)) return;
    this.verdict = verdict;
    await this.#parts.state.settle(this.settings.id);
  }

  /** Tells it what became of its schema, where it has not been told. */
  async tell(): Promise<void> {
    const { verdict } = this;
    if (!verdict || verdict === this.#told || !this.isReached || this.#isBeingTold) return;
    const { log, signer } = this.#parts;
    this.#isBeingTold = true;
    try {
      const bounded = AbortSignal.any([this.leaving.signal, AbortSignal.timeout(ASK_WITHIN)]);
      await tellVerdict(this.connection, signer(), verdict, bounded);
      this.#told = verdict;
    } catch (cause) {
      log.info(
        { custodian: this.settings.id, cause: describeCause(cause) },
        'a custodian could not be told of its schema',
      );
    } finally {
      this.#isBeingTold = false;
    }
  }
}
