import { once } from 'node:events';
import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
  createServer,
  request as send,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { FAULTS, type Fault, type RealAnswer } from './faults.ts';

/** One request that crossed the wire to a custodian, and what it answered. */
export interface Recorded {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  status?: number;
  answer?: string;
  /** Whether the gateway has hung up before it was answered, and when (`performance.now()`). */
  cutAt?: number;
}

/** A proxy in front of a custodian that keeps everything that crosses it. */
export interface RecordingProxy {
  readonly url: string;
  readonly recorded: Recorded[];
  /** Bodies of GraphQL requests since the last `clear`, joined, to search for what must not be there. */
  wire(): string;
  clear(): void;
  /** What happens to requests for records. */
  fault: Fault | 'none';
  /** What happens to the question what is granted. */
  accessFault: Fault | 'none';
  /** What happens to the question whether it is ready. */
  readyFault: Fault | 'none';
  /** Milliseconds before a request for records is passed on. */
  delay: number;
  /** Hears of each request for records when it arrives, before anything else happens. */
  heard: (request: Recorded) => void;
  /** Changes the headers with which the custodian is asked. */
  alterHeaders: (headers: IncomingHttpHeaders) => Promise<IncomingHttpHeaders>;
  /** Changes the custodian's answers to requests for records. */
  alter: (answer: string) => string;
  /** Changes the custodian's answers to the question what is granted. */
  alterAccess: (answer: string) => string;
  close(): Promise<void>;
}

/** Starts a recording proxy on a loopback port: a free one, or one that another has left. */
export async function recordingProxy(target: string, port = 0): Promise<RecordingProxy> {
  const recorded: Recorded[] = [];
  const server = createServer((incoming, outgoing) => void handle(incoming, outgoing));
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  const proxy: RecordingProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    recorded,
    wire: () =>
      recorded
        .filter(({ path }) => path.endsWith('/graphql'))
        .map(({ body }) => body)
        .join('\n'),
    clear: () => void recorded.splice(0),
    fault: 'none',
    accessFault: 'none',
    readyFault: 'none',
    delay: 0,
    heard: () => {},
    alterHeaders: async (headers) => headers,
    alter: (answer) => answer,
    alterAccess: (answer) => answer,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const entry: Recorded = { path: incoming.url ?? '', headers: incoming.headers, body: body.toString() };
    recorded.push(entry);
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) entry.cutAt = performance.now();
    });
    const asksRecords = entry.path.endsWith('/graphql');
    const asksAccess = entry.path === '/access';
    if (asksRecords) proxy.heard(entry);
    if (asksRecords && proxy.delay > 0) await new Promise((done) => setTimeout(done, proxy.delay));
    const faults = { '/access': proxy.accessFault, '/health/ready': proxy.readyFault };
    const fault = asksRecords
      ? proxy.fault
      : (Object.entries(faults).find(([path]) => path === entry.path)?.[1] ?? 'none');
    const real = (): Promise<RealAnswer> => passOn(incoming, entry, body);
    try {
      if (fault !== 'none') return await FAULTS[fault](outgoing, real);
      const { status, headers, text: said } = await real();
      const altered = asksRecords ? proxy.alter(said) : asksAccess ? proxy.alterAccess(said) : said;
      const bytes = Buffer.from(altered);
      outgoing.writeHead(status, { ...headers, 'content-length': bytes.length }).end(bytes);
    } catch {
      outgoing.destroy(); // the custodian has not answered
    }
  }

  async function passOn(incoming: IncomingMessage, entry: Recorded, body: Buffer): Promise<RealAnswer> {
    const headers = await proxy.alterHeaders(incoming.headers);
    const passed = send(`${target}${entry.path}`, { method: incoming.method, headers });
    passed.end(body);
    const [answer] = (await once(passed, 'response')) as [IncomingMessage];
    entry.answer = await text(answer);
    entry.status = answer.statusCode ?? 0;
    return { status: entry.status, headers: answer.headers, text: entry.answer };
  }
  return proxy;
}
