import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request that crossed the wire to a custodian, and what it answered. */
export interface Recorded {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  status?: number;
  answer?: string;
}

/** What the proxy does to a request: passes it on, or fails in one of the ways in which hosts fail. */
export type Fault =
  'none' | 'reset' | 'silent' | 'slow' | 'half' | 'html' | 'wrong-types' | 'refuse' | 'error' | 'redirect' | 'endless';

/** A proxy in front of a custodian that keeps everything that crosses it. */
export interface RecordingProxy {
  readonly url: string;
  readonly recorded: Recorded[];
  /** Bodies of GraphQL requests since the last `clear`, joined, to search for what must not be there. */
  wire(): string;
  clear(): void;
  /** What happens to requests for records. */
  fault: Fault;
  /** What happens to the question what is granted. */
  accessFault: Fault;
  /** Milliseconds before a request for records is passed on. */
  delay: number;
  /** Hears of each request for records when it arrives, before anything else happens. */
  heard: (request: Recorded) => void;
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
    delay: 0,
    heard: () => {},
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
    const asksRecords = entry.path.endsWith('/graphql');
    if (asksRecords) proxy.heard(entry);
    if (asksRecords && proxy.delay > 0) await new Promise((done) => setTimeout(done, proxy.delay));
    if (asksRecords && proxy.fault !== 'none') return fail(proxy.fault, outgoing);
    if (entry.path === '/access' && proxy.accessFault !== 'none') return fail(proxy.accessFault, outgoing);
    const passed = send(`${target}${entry.path}`, { method: incoming.method, headers: incoming.headers }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => {
        entry.status = answer.statusCode ?? 0;
        entry.answer = Buffer.concat(parts).toString();
        const changed = asksRecords
          ? proxy.alter(entry.answer)
          : entry.path === '/access' && proxy.alterAccess(entry.answer);
        const text = Buffer.from(changed || entry.answer);
        outgoing.writeHead(entry.status, { ...answer.headers, 'content-length': text.length }).end(text);
      });
    });
    passed.on('error', () => outgoing.destroy());
    passed.end(body);
  }
  return proxy;
}

function fail(fault: Exclude<Fault, 'none'>, outgoing: ServerResponse): void {
  const json = { 'content-type': 'application/json' };
  switch (fault) {
    case 'reset':
      outgoing.socket?.resetAndDestroy();
      return;
    case 'silent':
      return;
    case 'slow':
      outgoing.writeHead(200, json).write('{"data":');
      return;
    case 'half':
      outgoing.writeHead(200, json).end('{"data":{"_entities":[{"__typename":"Per');
      return;
    case 'html':
      outgoing.writeHead(200, { 'content-type': 'text/html' }).end('<h1>psn_secret is at home</h1>');
      return;
    case 'wrong-types':
      outgoing.writeHead(200, json).end('{"data":{"_entities":"psn_secret","persons":7}}');
      return;
    case 'error':
      outgoing
        .writeHead(500, { ...json, 'x-said': 'psn_secret' })
        .end(
          '{"errors":[{"message":"psn_secret","extensions":{"code":"SQL","stacktrace":["at psn_secret (/srv/secret.ts)"]}}]}',
        );
      return;
    case 'redirect':
      outgoing.writeHead(307, { location: 'http://127.0.0.1:1/psn_secret' }).end();
      return;
    case 'endless': {
      outgoing.writeHead(200, json).write('{"data":{"psn_secret":"');
      const part = Buffer.alloc(1024 * 1024, 'x');
      const more = (): void => void (outgoing.destroyed || outgoing.write(part, () => setImmediate(more)));
      more();
      return;
    }
    default:
      outgoing
        .writeHead(403, json)
        .end('{"errors":[{"message":"psn_secret","extensions":{"code":"UNAUTHENTICATED"}}]}');
  }
}
