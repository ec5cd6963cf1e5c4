import type { ReceivedRequest } from '../receive/receive-request.ts';

/** Headers that belong to one connection or one message (RFC 9110 §7.6.1), or that the gateway writes itself. */
const OWN: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Whether a header, named in small letters, may be passed on from client to subgraph at all. */
export const isForwardable = (name: string): boolean => /^[a-z0-9!#$%&'*+.^_`|~-]+$/u.test(name) && !OWN.has(name);

/** The headers of those names that the client has sent. */
export const forwardedHeaders = (
  headers: ReceivedRequest['headers'],
  names: readonly string[],
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = headers[name];
      return value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]];
    }),
  );
