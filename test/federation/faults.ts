import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

/** What a custodian has really answered. */
export interface RealAnswer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly text: string;
}

/** Answers in a custodian's stead; `real` passes the request on. */
type Inject = (outgoing: ServerResponse, real: () => Promise<RealAnswer>) => void | Promise<void>;

const JSON_TYPE = { 'content-type': 'application/json' };
const MEGABYTE = 1024 * 1024;

/** A megabyte that is a gigabyte; made once, since the other custodians' answers pass through this process as well. */
const BOMB = Buffer.concat(Array<Buffer>(64).fill(gzipSync(Buffer.alloc(16 * MEGABYTE, ' '))));

/** The real answer with its data, or what stands for it, changed. */
const changed =
  (change: (data: Record<string, unknown>) => Record<string, unknown>): Inject =>
  async (outgoing, real) => {
    const body = JSON.parse((await real()).text);
    const answer = 'data' in body ? { ...body, data: change(body.data) } : change(body);
    outgoing.writeHead(200, JSON_TYPE).end(JSON.stringify(answer));
  };

const changedEntities = (change: (entities: Record<string, unknown>[]) => unknown[]): Inject =>
  changed(({ _entities, ...rest }) =>
    Array.isArray(_entities) ? { ...rest, _entities: change(_entities) } : { ...rest },
  );

/** Megabytes of the letter x, inside of JSON, as fast as they are taken. */
function pour(outgoing: ServerResponse, megabytes: number): void {
  const part = Buffer.alloc(MEGABYTE, 'x');
  const more = (left: number): void => {
    if (outgoing.destroyed || left === 0) outgoing.end();
    else outgoing.write(part, () => setImmediate(more, left - 1));
  };
  outgoing.write('{"data":{"psn_secret":"');
  more(megabytes);
}

/** The ways in which hosts fail, each in front of what a custodian really says. */
export const FAULTS = {
  reset: (outgoing) => void outgoing.socket?.resetAndDestroy(),
  silent: () => {},
  late: async (outgoing, real) => {
    const { status, headers, text } = await real();
    await pause(2_000);
    outgoing.writeHead(status, headers).end(text);
  },
  dripping: async (outgoing, real) => {
    const { status, headers, text } = await real();
    const bytes = Buffer.from(text.padEnd(500));
    outgoing.writeHead(status, { ...headers, 'content-length': bytes.length });
    for (let at = 0; at < bytes.length && !outgoing.destroyed; at += 1) {
      outgoing.write(bytes.subarray(at, at + 1));
      await pause(10);
    }
    outgoing.end();
  },
  slow: (outgoing) => void outgoing.writeHead(200, JSON_TYPE).write('{"data":'),
  'reset-in-body': async (outgoing, real) => {
    const { status, headers, text } = await real();
    const bytes = Buffer.from(text);
    outgoing.writeHead(status, { ...headers, 'content-length': bytes.length });
    outgoing.write(bytes.subarray(0, bytes.length / 2), () => outgoing.socket?.resetAndDestroy());
  },
  half: async (outgoing, real) => {
    const { text } = await real();
    outgoing.writeHead(200, JSON_TYPE).end(text.slice(0, text.length / 2));
  },
  html: (outgoing) =>
    void outgoing.writeHead(200, { 'content-type': 'text/html' }).end('<h1>psn_secret is at home</h1>'),
  'wrong-types': changed((data) => Object.fromEntries(Object.keys(data).map((key) => [key, 7]))),
  'fewer-entities': changedEntities((entities) => entities.slice(1)),
  'more-entities': changedEntities((entities) => [...entities, ...entities.slice(0, 1)]),
  'entities-of-others': changedEntities(([first, ...rest]) => [...rest, first]),
  'id-not-asked-for': changedEntities(([first = {}, ...rest]) => [
    Object.fromEntries(Object.entries(first).map(([key, value]) => [key, key.endsWith('id') ? 'psn_other' : value])),
    ...rest,
  ]),
  error: (outgoing) =>
    void outgoing
      .writeHead(500, { ...JSON_TYPE, 'x-said': 'psn_secret' })
      .end(
        '{"errors":[{"message":"psn_secret","extensions":{"code":"SQL","stacktrace":["at psn_secret (/srv/secret.ts)"]}}]}',
      ),
  redirect: (outgoing) => void outgoing.writeHead(307, { location: 'http://127.0.0.1:1/psn_secret' }).end(),
  endless: (outgoing) => {
    outgoing.writeHead(200, JSON_TYPE);
    pour(outgoing, Infinity);
  },
  '100-MB': (outgoing) => {
    outgoing.writeHead(200, { ...JSON_TYPE, 'content-length': 100 * MEGABYTE + 23 });
    pour(outgoing, 100);
  },
  gzip: async (outgoing, real) => {
    const { status, headers, text } = await real();
    const bytes = gzipSync(text);
    outgoing.writeHead(status, { ...headers, 'content-encoding': 'gzip', 'content-length': bytes.length }).end(bytes);
  },
  'gzip-bomb': (outgoing) => void outgoing.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }).end(BOMB),
  refuse: (outgoing) =>
    void outgoing
      .writeHead(403, JSON_TYPE)
      .end('{"errors":[{"message":"psn_secret","extensions":{"code":"UNAUTHENTICATED"}}]}'),
} as const satisfies Record<string, Inject>;

export type Fault = keyof typeof FAULTS;
