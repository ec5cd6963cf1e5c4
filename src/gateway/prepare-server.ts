import { randomBytes } from 'node:crypto';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify';
import { type ErrorCode, ListedError, messageOf, refusalBody, statusOf } from '../protocol/errors.ts';

/** What a browser is told with every answer that does not say otherwise for itself. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** A new request id: 22 characters of base64url. */
const mintRequestId = (): string => randomBytes(16).toString('base64url');

/** The header in which the request's id is answered. */
const REQUEST_ID = 'amana-request-id';

/** How much of a body that is too large is read and dropped, in bytes. */
const DRAINED = 32 * 1024 * 1024;

const JSON_IN_UTF8 = /^application\/json\s*(;\s*charset\s*=\s*(utf-8|"utf-8")\s*)?$/iu;

/**
 * What Fastify takes at its creation: how large a request may be and how long it may take to come in (milliseconds), and
 * that what Fastify or Node themselves refuse, before any hook runs, is refused in the shape of all refusals.
 */
export const SERVER_OPTIONS = {
  bodyLimit: 256 * 1024,
  requestTimeout: 30_000,
  genReqId: mintRequestId,
  forceCloseConnections: 'idle',
  return503OnClosing: false,
  frameworkErrors(error, request, reply) {
    stamp(request, reply);
    refuse(request, reply, codeOf(error));
  },
  clientErrorHandler(_error, socket) {
    if (socket.writable) socket.end(rawRefusal());
  },
} as const satisfies FastifyServerOptions;

/** The refusal of what is no HTTP request at all, as it goes onto the socket. */
function rawRefusal(): string {
  const id = mintRequestId();
  const body = JSON.stringify(refusalBody('BAD_REQUEST', id));
  const headers = {
    ...SECURITY_HEADERS,
    [REQUEST_ID]: id,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return ['HTTP/1.1 400 Bad Request', ...lines, '', body].join('\r\n');
}

/**
 * What holds for every request before it is read: JSON in UTF-8 alone is taken as a body, every answer carries the
 * security headers and the request's id, and no other origin is told anything (no CORS). `failed` hears of what is not a
 * listed refusal.
 */
export function prepareServer(
  server: FastifyInstance,
  failed: (request: FastifyRequest, cause: unknown) => void,
): void {
  server.removeAllContentTypeParsers();
  const parseJson = server.getDefaultJsonParser('error', 'error');
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (
      !JSON_IN_UTF8.test(request.headers['content-type'] ?? '') ||
      request.headers['content-encoding'] !== undefined
    ) {
      done(new ListedError('UNSUPPORTED_MEDIA_TYPE'));
      return;
    }
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(body));
      void parseJson(request, text, done);
    } catch {
      done(new ListedError('BAD_REQUEST'));
    }
  });
  server.addHook('onSend', async (request, reply) => stamp(request, reply));
  server.setNotFoundHandler((request, reply) => refuse(request, reply, 'NOT_FOUND'));
  server.setErrorHandler(async (error: FastifyError, request, reply) => {
    const code = codeOf(error);
    if (code === 'INTERNAL_SERVER_ERROR') failed(request, error);
    if (code === 'PAYLOAD_TOO_LARGE') await drain(request);
    return refuse(request, reply, code, error instanceof ListedError ? error.message : undefined);
  });
}

/** What every answer carries. */
function stamp(request: FastifyRequest, reply: FastifyReply): void {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) if (!reply.hasHeader(name)) reply.header(name, value);
  reply.header(REQUEST_ID, request.id);
}

/** Reads on for a while what is too large, so that the client, which is still sending, gets to read the refusal. */
async function drain({ raw }: FastifyRequest): Promise<void> {
  let left = DRAINED;
  try {
    for await (const chunk of raw.iterator({ destroyOnReturn: false })) {
      left -= Buffer.byteLength(chunk);
      if (left < 0) return;
    }
  } catch {
    // The client has left, and reads nothing any more.
  }
}

/** Refuses a whole request in the shape that every refusal has. */
export function refuse(
  request: FastifyRequest,
  reply: FastifyReply,
  code: ErrorCode,
  message = messageOf(code),
): FastifyReply {
  refusals.set(reply, code);
  return reply.code(statusOf(code)).send(refusalBody(code, request.id, message));
}

const refusals = new WeakMap<FastifyReply, ErrorCode>();

/** With what code a request was refused before it came to any pipeline. */
export const refusalOf = (reply: FastifyReply): ErrorCode | undefined => refusals.get(reply);

/** The listed code for what Fastify, or a stage, has thrown. */
function codeOf(error: FastifyError): ErrorCode {
  if (error instanceof ListedError) return error.code;
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return 'PAYLOAD_TOO_LARGE';
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return 'UNSUPPORTED_MEDIA_TYPE';
  return error.statusCode === 400 ? 'BAD_REQUEST' : 'INTERNAL_SERVER_ERROR';
}
