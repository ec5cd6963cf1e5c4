import { randomUUID } from 'node:crypto';
import { type ErrorCode, ListedError, refusalBody, statusOf } from '../../protocol/errors.ts';

/** What a refused request is answered with: the code's sentence and the request's id, and nothing of the request. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The refusal of a whole request with a listed code. */
export function refusal(code: ErrorCode, requestId: string): Refusal {
  return {
    status: statusOf(code),
    headers: {
      'content-type': 'application/json; charset=utf-8',
      ...(code === 'UNAUTHENTICATED' && { 'www-authenticate': 'Bearer' }),
      ...(code === 'METHOD_NOT_ALLOWED' && { allow: 'POST' }),
    },
    body: JSON.stringify(refusalBody(code, requestId)),
  };
}

/** The refusal of what is no HTTP request at all, as it goes onto the socket. */
export function rawRefusal(): string {
  const { status, headers, body } = refusal('BAD_REQUEST', randomUUID());
  const lines = Object.entries({ ...headers, connection: 'close', 'content-length': Buffer.byteLength(body) });
  return [`HTTP/1.1 ${status} Bad Request`, ...lines.map(([name, value]) => `${name}: ${value}`), '', body].join(
    '\r\n',
  );
}

const FASTIFY_CODES: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  FST_ERR_CTP_BODY_TOO_LARGE: 'PAYLOAD_TOO_LARGE',
};

/** The listed code of whatever was thrown; what nobody foresaw is `INTERNAL_SERVER_ERROR`. */
export function codeOf(error: unknown): ErrorCode {
  if (error instanceof ListedError) return error.code;
  if (!(error instanceof Error)) return 'INTERNAL_SERVER_ERROR';
  const known = 'code' in error ? FASTIFY_CODES[String(error.code)] : undefined;
  if (known) return known;
  const isClients = 'statusCode' in error && Number(error.statusCode) >= 400 && Number(error.statusCode) < 500;
  return isClients ? 'BAD_REQUEST' : 'INTERNAL_SERVER_ERROR';
}
