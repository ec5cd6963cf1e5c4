import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ListedError } from '../../protocol/errors.ts';
import { PURPOSE_HEADER } from '../../protocol/purposes.ts';
import { ClientGoneError } from '../client-gone-error.ts';

/** How the client wants to be told of what is withheld: `extensions` alone, in `errors` too, or by refusing the operation. */
export const WITHHELD_AS = ['extensions', 'errors', 'reject'] as const;

export type WithheldAs = (typeof WITHHELD_AS)[number];

/** A GraphQL request as it came in, its shape checked, nothing of it believed yet. */
export interface ReceivedRequest {
  /** Random, the gateway's own: it stands in the answer and in every log. */
  readonly id: string;
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly withheldAs: WithheldAs;
  readonly authorization: string | undefined;
  readonly purpose: string | undefined;
  readonly headers: FastifyRequest['headers'];
  /** Ends at the request's deadline, and with a `ClientGoneError` when the client leaves. */
  readonly signal: AbortSignal;
}

const WITHHELD_AS_HEADER = 'amana-withheld-as';

/** A media range (RFC 9110 §12.5.1), in small letters and without spaces, that takes what is answered. */
const TAKES_JSON =
  /^(\*\/\*|application\/(\*|json|graphql-response\+json)(;charset="?utf-8"?)?)(;q=(1|0?\.0*[1-9]|1\.0)\d*)?$/u;

const Body = z.object({
  query: z.string().min(1),
  operationName: z.string().nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  extensions: z
    .looseObject({ amana: z.looseObject({ withheldAs: z.enum(WITHHELD_AS).optional() }).optional() })
    .nullish(),
});

/**
 * Reads a GraphQL-over-HTTP POST (GraphQL over HTTP, "POST"); throws `BAD_REQUEST` where the body is not one
 * request, and `NOT_ACCEPTABLE` where the client takes no JSON.
 */
export function receiveRequest(request: FastifyRequest, reply: FastifyReply, deadline: number): ReceivedRequest {
  if (!takesJson(request.headers.accept)) throw new ListedError('NOT_ACCEPTABLE');
  const body = Body.safeParse(request.body);
  if (!body.success) throw new ListedError('BAD_REQUEST');
  const { query, operationName, variables, extensions } = body.data;
  return {
    id: request.id,
    query,
    operationName: operationName ?? undefined,
    variables: variables ?? {},
    withheldAs: extensions?.amana?.withheldAs ?? withheldAsHeader(request) ?? 'extensions',
    authorization: request.headers.authorization,
    purpose: single(request.headers[PURPOSE_HEADER]),
    headers: request.headers,
    signal: signalOf(reply, deadline),
  };
}

/** Asked before anything is read for a client that would take no answer. */
function takesJson(accept: string | undefined): boolean {
  const ranges = (accept ?? '*/*').toLowerCase().replaceAll(/[ \t]/gu, '').split(',');
  return ranges.some((range) => TAKES_JSON.test(range));
}

function withheldAsHeader(request: FastifyRequest): WithheldAs | undefined {
  const given = single(request.headers[WITHHELD_AS_HEADER]);
  if (given === undefined) return undefined;
  const withheldAs = z.enum(WITHHELD_AS).safeParse(given);
  if (!withheldAs.success)
    throw new ListedError('BAD_REQUEST', { detail: `Amana-Withheld-As must be one of ${WITHHELD_AS.join(', ')}.` });
  return withheldAs.data;
}

function signalOf({ raw }: FastifyReply, deadline: number): AbortSignal {
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(new DOMException('out of time', 'TimeoutError')), deadline);
  raw.once('close', () => {
    clearTimeout(timer);
    if (!raw.writableFinished) ending.abort(new ClientGoneError());
  });
  return ending.signal;
}

const single = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header.join(', ') : header;
