import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type SmallFederation, startSmallFederation } from './small-federation.ts';

/** How many requests are asked at once, and after how many of them the heap is measured; the last measurement ends it. */
export interface Soak {
  readonly atOnce: number;
  readonly measuredAt: readonly number[];
  /** How many viewers ask, and how many documents differ in more than their values. */
  readonly viewers: number;
  readonly documents: number;
  /** Whether a viewer comes with a new token each time, as after signing in again. */
  readonly freshTokens: boolean;
  /** Told of each measurement. */
  readonly onMeasured?: (measurement: Measurement) => void;
}

/** What is held after so many requests, once garbage is collected. */
export interface Measurement {
  readonly requests: number;
  readonly heapMegabytes: number;
}

/** Wide, since what is late on a busy machine is no leak; until they are over, their timers are held. */
const DEADLINES = { request: 6_000, custodian: 5_000, access: 4_000 };

/** Milliseconds; it lives for five minutes. */
const TOKEN_USED_FOR = 120_000;

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/**
 * Asks a gateway in this process one request after another, by ever other viewers, with ever other documents, literals
 * and cursors, some of them refused, so that every cache is filled and turned over; throws where one is answered
 * otherwise than it should be.
 */
export async function soak({
  atOnce,
  measuredAt,
  viewers,
  documents,
  freshTokens,
  onMeasured = () => {},
}: Soak): Promise<Measurement[]> {
  const federation = await startSmallFederation({ requestsPerMinute: 1_000_000, deadlines: DEADLINES });
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const measured: Measurement[] = [];
  const tokens = new Map<number, { readonly token: Promise<string>; readonly until: number }>();
  const askNext = async (n: number): Promise<void> => {
    const viewer = Math.floor(n / 2) % viewers;
    const known = freshTokens && n % 2 === 0 ? undefined : tokens.get(viewer);
    const { token, until } =
      known && known.until > Date.now()
        ? known
        : { token: federation.token(`viewer-${viewer}`), until: Date.now() + TOKEN_USED_FOR };
    tokens.set(viewer, { token, until });
    await askOne(federation.gateway.url, agent, documentOf(n, documents), await token, `file-${viewer}`, n % 10 === 0);
  };
  let asked = 0;
  try {
    for (const until of measuredAt) {
      const askOn = async (): Promise<void> => {
        while (asked < until) await askNext((asked += 1));
      };
      await Promise.all(Array.from({ length: atOnce }, askOn));
      await pause(DEADLINES.request + 200);
      const measurement = { requests: asked, heapMegabytes: heapOf(federation) };
      measured.push(measurement);
      onMeasured(measurement);
    }
    return measured;
  } finally {
    agent.destroy();
    await federation.close();
  }
}

/** What the test's own federation remembers of the requests is not the gateway's. */
function heapOf(federation: SmallFederation): number {
  federation.forget();
  for (let n = 0; n < 3; n += 1) collect();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

const FIELDS = ['id', 'title', 'disputed', 'name', 'cause', 'registeredOn { value }', 'registeredOn { precision }'];

/** One of so many documents, with values of this request's own. */
function documentOf(n: number, documents: number): string {
  const number = n % documents;
  const fields = FIELDS.filter((_, bit) => bit === 0 || (number >> bit) % 2 === 1).join(' ');
  const name = `d${number}`;
  if (n % 10 === 0) return `{ certificates(first: 2) { ${name}`;
  if (number % 7 === 0)
    return `query ${name} { ${name}: persons(ids: ["p${n}"]) { id reports { nodes { id } } certificates { totalCount } } }`;
  return `query ${name} { ${name}: certificates(first: ${2 + (n % 9)}, after: "cursor-${n}", filter: { name: "name ${n}" }) { nodes { ${fields} } pageInfo { endCursor } } }`;
}

async function askOne(
  url: string,
  agent: Agent,
  query: string,
  token: string,
  ref: string,
  isRefused: boolean,
): Promise<void> {
  const headers = {
    'content-type': 'application/json',
    authorization: `Bearer ${token}`,
    'amana-purpose': `IDENTIFICATION; ref="${ref}"`,
  };
  const { status, body } = await new Promise<{ status: number; body: string }>((resolve, reject) => {
    request(`${url}/graphql`, { method: 'POST', agent, headers }, async (answer) =>
      resolve({ status: answer.statusCode ?? 0, body: await text(answer) }),
    )
      .once('error', reject)
      .end(JSON.stringify({ query }));
  });
  const isAsItShould = isRefused ? status === 400 : status === 200 && body.startsWith('{"data":{"');
  if (!isAsItShould) throw new Error(`${query} was answered with ${status}: ${body.slice(0, 300)}`);
}
