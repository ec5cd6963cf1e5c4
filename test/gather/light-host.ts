import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { once } from 'node:events';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { type DocumentNode, execute, getOperationAST, parse } from 'graphql';
import { OPERATION_BOUNDS } from '../../src/protocol/operation-bounds.ts';
import { measureOperation } from '../../src/subgraphs/kit/measure-operation.ts';
import { REGISTRY } from './archive-schema.ts';
import { type LightRecord, lightArchive } from './light-archive.ts';

/** What came over the wire to a host. */
export interface WireQuestion {
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

/** What a host sends as it stands, whatever it is. */
export class RawAnswer {
  readonly text: string;
  readonly mediaType: string;

  constructor(text: string, mediaType: string) {
    this.text = text;
    this.mediaType = mediaType;
  }
}

/**
 * Answers instead of the host; what it answers is sent as JSON, unless it is raw, and undefined leaves the request without
 * an answer.
 */
export type Instead = (question: WireQuestion, honest: () => Promise<unknown>) => unknown;

/** A host over HTTP with a few records in memory; it grants whatever it is asked for. */
export interface LightHost {
  readonly id: string;
  readonly url: string;
  records: readonly LightRecord[];
  /** Fields (`Type.field`) in the place of which it reports an error, with its code. */
  failing: ReadonlyMap<string, string>;
  instead: Instead | undefined;
  readonly asked: WireQuestion[];
  close(): Promise<void>;
}

/** Starts one on a free port of 127.0.0.1. */
export async function startLightHost(id: string, records: readonly LightRecord[]): Promise<LightHost> {
  const schema = lightArchive(() => host, id);
  const server = createServer((request, response) => void answer(request, response));
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body: Buffer[] = [];
    for await (const chunk of request) body.push(chunk as Buffer);
    const question: WireQuestion = JSON.parse(Buffer.concat(body).toString());
    host.asked.push(question);
    const honest = async (): Promise<unknown> =>
      execute({ schema, document: withinBounds(question), variableValues: question.variables });
    const answered = await (host.instead ? host.instead(question, honest) : honest().catch(() => REFUSED));
    if (answered === undefined) return;
    const { text, mediaType } =
      answered instanceof RawAnswer ? answered : new RawAnswer(JSON.stringify(answered), 'application/json');
    response.writeHead(200, { 'content-type': mediaType }).end(text);
  };
  const host: LightHost = {
    id,
    url: await listening(server),
    records,
    failing: new Map(),
    instead: undefined,
    asked: [],
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return host;
}

/** Starts the registry, which knows every person that it is asked for. */
export async function startRegistry(): Promise<Pick<LightHost, 'url' | 'close'>> {
  const persons = (_: unknown, { ids }: { ids: string[] }) => ids.map((id) => ({ __typename: 'Person', id }));
  const schema = buildSubgraphSchema([
    {
      typeDefs: parse(REGISTRY),
      resolvers: { Query: { persons }, Person: { __resolveReference: (given: object) => given, name: () => 'N' } },
    },
  ]);
  const server = createServer((request, response) => void answer(request, response));
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body: Buffer[] = [];
    for await (const chunk of request) body.push(chunk as Buffer);
    const { query, variables }: WireQuestion = JSON.parse(Buffer.concat(body).toString());
    const answered = await execute({ schema, document: parse(query), variableValues: variables });
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answered));
  };
  return {
    url: await listening(server),
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** What a custodian answers to what it does not take. */
const REFUSED = { errors: [{ message: 'refused', extensions: { code: 'OPERATION_TOO_COSTLY' } }] };

/** Refuses what a custodian of the kit would: too many bytes, tokens, fields or levels, or entities. */
function withinBounds({ query, variables }: WireQuestion): DocumentNode {
  if (JSON.stringify({ query, variables }).length > OPERATION_BOUNDS.bytes) throw new Error('too long');
  const document = parse(query, { maxTokens: OPERATION_BOUNDS.tokens });
  const operation = getOperationAST(document);
  if (operation) measureOperation(document, operation);
  for (const value of Object.values(variables))
    if (Array.isArray(value) && value.length > OPERATION_BOUNDS.representations) throw new Error('too many entities');
  return document;
}

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
}
