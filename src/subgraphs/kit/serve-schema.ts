import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { ListedError } from '../../protocol/errors.ts';
import { CONTEXT_HEADER } from '../../protocol/request-context.ts';
import { SCHEMA_CONFIRMED_HEADER, SchemaVerdict, digestOf } from '../../protocol/schema-verdict.ts';
import type { Subgraph } from './build-schema.ts';
import { isSchemaConfirmed } from './schema-confirmations.ts';
import type { Storage } from './storage.ts';
import type { RequestVerifier } from './verify-request.ts';

interface SchemaParts {
  /** The subgraph's name: its path. */
  readonly name: string;
  readonly subgraph: Pick<Subgraph, 'sdl'>;
  readonly verifier: Pick<RequestVerifier, 'verifySchemaCredential'>;
  readonly storage: Storage;
  readonly log: Logger;
}

const VERDICT_AT_MOST = 256 * 1024;

/**
 * Serves the schema to the gateway at `/<subgraph>/schema`, again only where it has changed (RFC 9110 §13.1.2), and hears
 * at `/<subgraph>/schema/verdict` what became of it there, for the custodian's own log.
 */
export function serveSchema(server: FastifyInstance, { name, subgraph, verifier, storage, log }: SchemaParts): void {
  const digest = digestOf(subgraph.sdl);
  const tag = `"${digest}"`;
  const identify = async ({ headers }: FastifyRequest): Promise<void> => {
    const context = headers[CONTEXT_HEADER];
    await verifier.verifySchemaCredential(typeof context === 'string' ? context : undefined);
  };

  server.get(`/${name}/schema`, { onRequest: identify }, async (request, reply) => {
    void reply.header('etag', tag);
    // The schema is served without the database too; then nothing is confirmed.
    if (await isSchemaConfirmed(storage, digest).catch(() => false)) void reply.header(SCHEMA_CONFIRMED_HEADER, digest);
    if (request.headers['if-none-match'] === tag) return reply.code(304).send();
    return reply.type('text/plain; charset=utf-8').send(subgraph.sdl);
  });

  void server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/json', { parseAs: 'string', bodyLimit: VERDICT_AT_MOST }, readVerdict);
    scope.post<{ Body: SchemaVerdict }>(`/${name}/schema/verdict`, { onRequest: identify }, async ({ body }, reply) => {
      const { verdict } = body;
      if (verdict === 'IN_FORCE') log.info({ schema: body }, 'the schema is in force at the gateway');
      else log.warn({ schema: body }, 'the gateway does not take the schema: the former one stays in force there');
      return reply.code(204).send();
    });
  });
}

async function readVerdict(_request: FastifyRequest, text: string | Buffer): Promise<SchemaVerdict> {
  try {
    return SchemaVerdict.parse(JSON.parse(String(text)));
  } catch (cause) {
    throw new ListedError('BAD_REQUEST', { cause });
  }
}
