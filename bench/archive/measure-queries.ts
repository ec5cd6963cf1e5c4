import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import pino from 'pino';
import { z } from 'zod';
import type { InventedArchive } from '../../src/demo/generate/archive.ts';
import { Draw } from '../../src/demo/generate/draw.ts';
import { DEMO_CUSTODIANS, GATHERED } from '../../src/demo/demo-custodians.ts';
import { tokenOf } from '../../src/demo/obtain-token.ts';
import { loadGatewayConfiguration } from '../../src/gateway/configuration.ts';
import { CustodianCredentials, credentialHeaders } from '../../src/gateway/custodian-credentials.ts';
import { waitForProvider } from '../../src/gateway/identity-provider.ts';
import { readSigningKey } from '../../src/protocol/read-keys.ts';
import { processorSeconds } from './processor-seconds.ts';
import { type Spread, spreadOf } from './spread.ts';
import { TYPICAL_QUERIES, type TypicalQuery } from './queries.ts';
import type { StandingFederation } from './stand-up.ts';

/** Where a query was asked. */
export type Place = 'custodian' | 'gateway';

/** How long the answers took to arrive, in milliseconds, and what they cost and held. */
export interface AskedAt extends Spread {
  /** User and system time of all processes that took part, a request; undefined where the system does not tell. */
  readonly processorMilliseconds: number | undefined;
  readonly meanBytes: number;
}

/** A query, and what became of it at each place where it was asked. */
export interface QueryMeasured {
  readonly name: string;
  readonly custodian: string;
  readonly kind: TypicalQuery['kind'];
  readonly at: Readonly<Partial<Record<Place, AskedAt>>>;
}

/** How often each query is asked, after the rounds that only warm up. */
export interface Rounds {
  readonly warmUp: number;
  readonly measured: number;
}

const PURPOSE = 'IDENTIFICATION';
const ROUNDS_PER_TOKEN = 20;
const Answer = z.looseObject({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(z.unknown()).optional(),
});
const Paged = z.looseObject({ pageInfo: z.looseObject({ endCursor: z.string().nullish() }) });

interface Case {
  readonly query: TypicalQuery;
  readonly place: Place;
  readonly milliseconds: number[];
  bytes: number;
  processorMilliseconds: number | undefined;
}

/** Asks every query at each place in turn, with other values each time, and tells how long the answers took to arrive. */
export async function measureQueries(
  federation: StandingFederation,
  archive: InventedArchive,
  rounds: Rounds,
  onRound: (round: number) => void,
): Promise<QueryMeasured[]> {
  const cases = TYPICAL_QUERIES.flatMap((query) =>
    placesOf(query).map((place): Case => ({
      query,
      place,
      milliseconds: [],
      bytes: 0,
      processorMilliseconds: undefined,
    })),
  );
  let ask = await askers(federation);
  for (let round = 0; round < rounds.warmUp + rounds.measured; round += 1) {
    federation.signal.throwIfAborted();
    if (round > 0 && round % ROUNDS_PER_TOKEN === 0) ask = await askers(federation);
    // Each round begins with another query, so that none always follows the same one.
    for (const one of [...cases.slice(round % cases.length), ...cases.slice(0, round % cases.length)]) {
      const taken = await askPages(one, new Draw(archive.size.seed, 'query', one.query.name, round), archive, ask);
      if (round >= rounds.warmUp) {
        one.milliseconds.push(...taken.milliseconds);
        one.bytes += taken.bytes;
      }
    }
    onRound(round + 1);
  }
  ask = await askers(federation);
  for (const one of cases)
    one.processorMilliseconds = await measureProcessor(one, federation, archive, ask, rounds.measured);
  return TYPICAL_QUERIES.map((query) =>
    measuredOf(
      query,
      cases.filter((one) => one.query === query),
    ),
  );
}

/** At the gateway where it asks that custodian alone; straight at the custodian only what it can answer alone. */
function placesOf({ custodian, kind }: TypicalQuery): Place[] {
  const isGathered = DEMO_CUSTODIANS.some(({ id, subgraph }) => id === custodian && subgraph === GATHERED);
  return [...(kind === 'across' ? [] : ['custodian' as const]), ...(isGathered ? [] : ['gateway' as const])];
}

function measuredOf({ name, custodian, kind }: TypicalQuery, cases: readonly Case[]): QueryMeasured {
  const at = cases.map(({ place, milliseconds, bytes, processorMilliseconds }) => [
    place,
    { ...spreadOf(milliseconds), processorMilliseconds, meanBytes: Math.round(bytes / milliseconds.length) },
  ]);
  return { name, custodian, kind, at: Object.fromEntries(at) };
}

/** Asks many times in a row: the system tells the time that processes used only to a hundredth of a second. */
async function measureProcessor(
  one: Case,
  { pids }: StandingFederation,
  archive: InventedArchive,
  ask: Ask,
  times: number,
): Promise<number | undefined> {
  const { custodian, name } = one.query;
  const asked = [...pids].flatMap(([process, pid]) => (one.place === 'gateway' || process === custodian ? [pid] : []));
  const before = processorSeconds(asked);
  let requests = 0;
  for (let time = 0; time < times; time += 1) {
    const draw = new Draw(archive.size.seed, 'processor', name, time);
    requests += (await askPages(one, draw, archive, ask)).milliseconds.length;
  }
  const after = processorSeconds(asked);
  return before === undefined || after === undefined ? undefined : ((after - before) * 1_000) / requests;
}

type Ask = (one: Case, variables: Readonly<Record<string, unknown>>) => Promise<{ text: string; milliseconds: number }>;

async function askPages(
  one: Case,
  draw: Draw,
  archive: InventedArchive,
  ask: Ask,
): Promise<{ milliseconds: number[]; bytes: number }> {
  const variables = one.query.variables(draw, archive);
  const taken = { milliseconds: [] as number[], bytes: 0 };
  let after: string | undefined;
  for (let page = 0; page < (one.query.pages ?? 1); page += 1) {
    const { text, milliseconds } = await ask(one, after === undefined ? variables : { ...variables, after });
    taken.milliseconds.push(milliseconds);
    taken.bytes += text.length;
    const { data, errors } = Answer.parse(JSON.parse(text));
    if (errors !== undefined || !data)
      throw new Error(`${one.query.name} at the ${one.place} was not answered: ${text}`);
    if (one.query.pages !== undefined) after = Paged.parse(Object.values(data)[0]).pageInfo.endCursor ?? undefined;
  }
  return taken;
}

/** Asks as the demo's people do: the gateway with their own tokens, a custodian as the gateway would for them. */
async function askers({ directory, gateway, issuer, custodians, signal }: StandingFederation): Promise<Ask> {
  const configuration = loadGatewayConfiguration(join(directory, 'gateway.yaml'));
  const now = Date.now;
  const provider = await waitForProvider(configuration.identityProvider, now, pino({ enabled: false }), signal);
  const key = await readSigningKey(configuration.signingKeyFile);
  const signer = { issuer: configuration.issuer, ...key, now };
  const credentials = new CustodianCredentials(provider, () => signer, now);
  const tokens = new Map<string, string>();
  for (const { as } of TYPICAL_QUERIES) {
    if (!tokens.has(as)) tokens.set(as, await tokenOf({ gateway, issuer }, as));
  }
  return async ({ query: { as, custodian, document, own }, place }, variables) => {
    const token = tokens.get(as) ?? '';
    const viewer = { subject: as, subjectKind: 'USER', purpose: PURPOSE, token } as const;
    const headers =
      place === 'gateway'
        ? { authorization: `Bearer ${token}`, 'amana-purpose': PURPOSE }
        : credentialHeaders(await credentials.of(viewer, custodian, signal), randomUUID());
    const url = place === 'gateway' ? `${gateway}/graphql` : custodians[custodian];
    const body = JSON.stringify({ query: place === 'custodian' && own !== undefined ? own : document, variables });
    const began = performance.now();
    const response = await fetch(url, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body, signal },
    });
    const text = await response.text();
    return { text, milliseconds: performance.now() - began };
  };
}
