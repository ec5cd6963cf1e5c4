import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ListedError } from '../../protocol/errors.ts';

const JSON_IN_UTF8 = /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/iu;

const GraphqlRequest = z.object({
  query: z.string().min(1),
  operationName: z.string().nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
});

/**
 * Lets a server take GraphQL requests as JSON in UTF-8 and nothing else: no batches, no persisted queries, no other
 * content type or charset. Throws `UNSUPPORTED_MEDIA_TYPE` or `BAD_REQUEST` while a body is read.
 */
export function onlyJson(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async ({ headers }: FastifyRequest, body: string | Buffer) => {
      if (!JSON_IN_UTF8.test(headers['content-type'] ?? '')) throw new ListedError('UNSUPPORTED_MEDIA_TYPE');
      return parse(Buffer.from(body));
    },
  );
}

/** Names by which a value could reach what all objects of JavaScript share. */
function refusePoison(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new TypeError('a member of that name');
  if (key === 'constructor' && typeof value === 'object' && value !== null && 'prototype' in value)
    throw new TypeError('a member of that name');
  return value;
}

function parse(body: Buffer): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    return GraphqlRequest.parse(JSON.parse(text, refusePoison));
  } catch (cause) {
    throw new ListedError('BAD_REQUEST', { cause });
  }
}
