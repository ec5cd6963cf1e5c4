import { join } from 'node:path';
import { expect } from 'vitest';
import { type ErrorCode, statusOf } from '../../src/protocol/errors.ts';
import { type StoredAccessLogEntry, readAccessLog } from '../../src/subgraphs/kit/access-log.ts';
import { type Answer, type Custodian, federation, logEntries, withStorage } from './harness.ts';

/** What no answer may hold, whatever went wrong: places in the code, addresses, statements, causes. */
const INSIDE =
  /node_modules|file:\/|\.ts\b|\bat [\w.<]+ \(|https?:\/\/|127\.0\.0\.1|ECONN|[Ss]elect .*from |SELECT|insert into|stacktrace|serviceName|undefined|\[object/u;

/** Nothing of how the federation is built stands in an answer. */
export function expectNothingInside(answer: Answer): void {
  expect(answer.text).not.toMatch(INSIDE);
}

/** A whole request refused: the listed code alone with its status, a sentence, a request id, and nothing else. */
export function expectRefusal(answer: Answer, code: ErrorCode): void {
  expect(answer.text).toContain(`"${code}"`);
  const { errors, extensions, ...rest } = JSON.parse(answer.text);
  expect(rest).toEqual({});
  expect(errors).toHaveLength(1);
  expect(errors[0].extensions).toEqual({ code });
  expect(errors[0].message).toMatch(/^\S.{15,}\.( \(line \d+, column \d+\))?$|\(line \d+, column \d+\)$/u);
  expect(answer.status).toBe(statusOf(code));
  expect(extensions.requestId).toMatch(/^[\w-]{8,64}$/u);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expectNothingInside(answer);
}

/** An entry of the gateway's log. */
export interface GatewayEntry {
  readonly event: 'OPENED' | 'ANSWERED' | 'REFUSED' | 'RECOVERED';
  readonly id: string;
  readonly at: string;
  readonly viewer?: string;
  readonly kind?: string;
  readonly purpose?: string;
  readonly ref?: string;
  readonly codes?: readonly string[];
  readonly custodians?: unknown;
  readonly withheld?: readonly { coordinate: string; custodian: string; reason: string }[];
  readonly torn?: string;
}

/** What a gateway's log holds of one request, oldest first; the shared gateway's where no folder is named. */
export const loggedAtGateway = (
  requestId: string,
  log: string = join(federation.directory, 'gateway/log'),
): GatewayEntry[] => (logEntries(log) as unknown as GatewayEntry[]).filter(({ id }) => id === requestId);

/** What a custodian's access log holds of one request. */
export const loggedAtCustodian = (custodian: Custodian, requestId: string): Promise<StoredAccessLogEntry[]> =>
  withStorage(custodian, async (storage) =>
    (await readAccessLog(storage, { limit: 500 })).filter((entry) => entry.requestId === requestId),
  );
