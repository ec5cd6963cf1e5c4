import { once } from 'node:events';
import { type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CustodianConnection } from '../../src/gateway/custodian-connection.ts';

/** As many as go to one custodian at one time. */
const MOST = 32;

const waiting: ServerResponse[] = [];
const paths: unknown[] = [];
const server = createServer(({ url }, response) => {
  paths.push(url);
  waiting.push(response);
});
let connection: CustodianConnection;

beforeEach(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const name = { en: 'ngo-a', ar: 'ngo-a' };
  connection = new CustodianConnection(
    { id: 'ngo-a', subgraph: 'ngo', url: `http://127.0.0.1:${port}`, name, contact: '' },
    { now: Date.now, random: Math.random, log: pino({ level: 'silent' }) },
  );
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await connection.close();
});

const ask = (path: string, signal = new AbortController().signal) =>
  connection.request({ method: 'POST', path, headers: {}, body: '{}', signal });

const answerAll = (): void => {
  for (const response of waiting.splice(0, Infinity)) response.end('{}');
};

test('a question that still waits when nobody wants its answer any more never leaves', async () => {
  const first = Array.from({ length: MOST }, () => ask('/first'));
  await vi.waitFor(() => expect(waiting).toHaveLength(MOST));
  const leaving = new AbortController();
  const left = ask('/left', leaving.signal);
  leaving.abort(new Error('left'));
  await expect(left).rejects.toThrow('left');
  const others = Array.from({ length: MOST }, () => ask('/other'));
  answerAll();
  await Promise.all(first);
  await vi.waitFor(() => expect(waiting).toHaveLength(MOST));
  answerAll();
  await Promise.all(others);
  expect(new Set(paths)).toEqual(new Set(['/first', '/other']));
});
