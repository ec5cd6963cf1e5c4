import { readFileSync } from 'node:fs';
import { composeServices } from '@apollo/composition';
import { type DocumentNode, GraphQLError, parse } from 'graphql';
import type { Logger } from 'pino';
import { z } from 'zod';
import { ConfigurationError } from '../../protocol/read-configuration.ts';
import { SupergraphSnapshot } from '../compose/supergraph-snapshot.ts';
import { unplannableIn } from '../compose/unplannable.ts';
import { parseJson } from '../json-object.ts';
import { keepTrying } from '../keep-trying.ts';
import { PlainConnection } from './plain-connection.ts';
import type { NamedSubgraph, SupergraphSettings } from './supergraph-settings.ts';

/**
 * The supergraph out of a file, or composed of what the subgraphs say of themselves (`_service`, waiting for those that
 * are not there yet). Throws `ConfigurationError` where it cannot be had, is none, or uses what cannot be planned.
 */
export async function loadSupergraph(
  source: SupergraphSettings['source'],
  log: Logger,
  signal: AbortSignal,
): Promise<SupergraphSnapshot> {
  const where = 'file' in source ? source.file : 'the supergraph of these subgraphs';
  const sdl = 'file' in source ? readFile(source.file) : await composeSubgraphs(source.subgraphs, log, signal);
  const document = parseSdl(sdl, where);
  const faults = unplannableIn(document);
  if (faults.length > 0) throw new ConfigurationError(`${where} cannot be served:\n${listed(faults)}`);
  try {
    return new SupergraphSnapshot(sdl);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'it cannot be read';
    throw new ConfigurationError(`${where} is no supergraph that can be served: ${reason}`, { cause });
  }
}

function readFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigurationError(`${file}: cannot be read. Name a composed supergraph with --supergraph.`, { cause });
  }
}

function parseSdl(sdl: string, where: string): DocumentNode {
  try {
    return parse(sdl);
  } catch (cause) {
    if (!(cause instanceof GraphQLError)) throw cause;
    throw new ConfigurationError(`${where} is not a GraphQL schema: ${cause.message}`, { cause });
  }
}

async function composeSubgraphs(
  subgraphs: readonly NamedSubgraph[],
  log: Logger,
  signal: AbortSignal,
): Promise<string> {
  const asked = await Promise.allSettled(subgraphs.map((subgraph) => askSchema(subgraph, log, signal)));
  const missing = asked.flatMap((result) => (result.status === 'rejected' ? [String(result.reason.message)] : []));
  if (missing.length > 0)
    throw new ConfigurationError(`Not every subgraph gave its schema in time.\n${listed(missing)}`);
  const services = asked.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  let faults: readonly { readonly message: string }[];
  try {
    const { errors, supergraphSdl } = composeServices(services);
    if (supergraphSdl !== undefined) return supergraphSdl;
    faults = errors;
  } catch (cause) {
    // Some faults are thrown and not returned.
    faults = [cause instanceof Error ? cause : { message: 'composition failed' }];
  }
  throw new ConfigurationError(`The subgraphs do not compose:\n${listed(faults.map(({ message }) => message))}`);
}

const Served = z.object({ data: z.object({ _service: z.object({ sdl: z.string().min(1) }) }) });

/** Implements "Subgraph specification", `_service`: which subgraphs answer even with introspection off. */
async function askSchema(
  { name, url }: NamedSubgraph,
  log: Logger,
  signal: AbortSignal,
): Promise<{ name: string; url: string; typeDefs: DocumentNode }> {
  const connection = new PlainConnection(name, url, { now: Date.now, random: Math.random, log });
  try {
    const sdl = await keepTrying(
      async () => {
        const { status, text } = await connection.request({
          method: 'POST',
          path: connection.endpoint,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query: '{ _service { sdl } }' }),
          signal,
        });
        const served = Served.safeParse(parseJson(text));
        if (!served.success)
          throw new Error(`it answers ${status} and no _service { sdl }: is it a Federation subgraph?`);
        return served.data.data._service.sdl;
      },
      signal,
      (reason) => log.info({ subgraph: name, reason }, 'waiting for a subgraph'),
    );
    return { name, url, typeDefs: parseSdl(sdl, `the schema of ${name}`) };
  } catch (cause) {
    throw cause instanceof ConfigurationError
      ? cause
      : new Error(`${name} at ${url}: ${cause instanceof Error ? cause.message : 'no answer'}`, { cause });
  } finally {
    await connection.close();
  }
}

const listed = (faults: readonly string[]): string => faults.map((fault) => `  ${fault}`).join('\n');
