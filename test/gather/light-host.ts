import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { once } from 'node:events';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { type DocumentNode, type GraphQLSchema, execute, getOperationAST, parse } from 'graphql';
import { compareCodePoints } from '../../src/gateway/gather/code-points.ts';
import { OPERATION_BOUNDS } from '../../src/protocol/operation-bounds.ts';
import { measureOperation } from '../../src/subgraphs/kit/measure-operation.ts';
import { ARCHIVE, REGISTRY } from './archive-schema.ts';

/** One photograph of a light archive. */
export interface LightRecord {
  /** `<custodian>:<number>` */
  readonly id: string;
  readonly sortKey: string;
  readonly place: string;
  readonly finding: string;
  readonly person: string;
}

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
  instead: Instead | undefined;
  readonly asked: WireQuestion[];
  close(): Promise<void>;
}

interface PageArguments {
  readonly first: number;
  readonly afterRecord?: { readonly sortKey: string; readonly custodian: string; readonly id: string } | null;
  readonly filter?: {
    readonly id?: readonly string[] | null;
    readonly place?: string | null;
    readonly finding?: string | null;
  } | null;
}

/** The total order of all hosts' records. */
export const inOrder = (a: LightRecord, b: LightRecord): number =>
  compareCodePoints(a.sortKey, b.sortKey) ||
  compareCodePoints(holderOf(a.id), holderOf(b.id)) ||
  compareCodePoints(a.id, b.id);

export const holderOf = (id: string): string => id.slice(0, id.indexOf(':'));

/** What a filter lets through. */
export const passes =
  (filter: PageArguments['filter']) =>
  (record: LightRecord): boolean =>
    (!filter?.id || filter.id.includes(record.id)) &&
    (!filter?.place || filter.place === record.place) &&
    (!filter?.finding || filter.finding === record.finding);

/** Starts one on a free port of 127.0.0.1. */
export async function startLightHost(id: string, records: readonly LightRecord[]): Promise<LightHost> {
  const schema = archiveSchema(() => host.records, id);
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

function archiveSchema(records: () => readonly LightRecord[], id: string): GraphQLSchema {
  const page =
    (mine: (parent: { id?: string }) => (record: LightRecord) => boolean) =>
    (parent: { id?: string }, { first, afterRecord, filter }: PageArguments) => {
      const all = records().filter(mine(parent)).filter(passes(filter)).toSorted(inOrder);
      const rest = all.filter((record) => {
        if (!afterRecord) return true;
        const place = { ...record, sortKey: afterRecord.sortKey, id: afterRecord.id };
        const byCustodian = compareCodePoints(id, afterRecord.custodian);
        return (
          (compareCodePoints(record.sortKey, place.sortKey) || byCustodian || compareCodePoints(record.id, place.id)) >
          0
        );
      });
      const rows = rest.slice(0, first);
      return {
        nodes: rows,
        edges: rows.map((node) => ({ node, cursor: 'own', sortKey: node.sortKey, recordId: node.id })),
        pageInfo: { hasNextPage: rest.length > first, hasPreviousPage: false },
        totalCount: all.length,
      };
    };
  const years = (): number[] => records().map((record) => record.sortKey.length);
  return buildSubgraphSchema([
    {
      typeDefs: parse(ARCHIVE),
      resolvers: {
        Query: {
          photographs: page(() => () => true),
          places: () => [...new Set(records().map(({ place }) => place))].map((name) => ({ name: `${id} ${name}` })),
          labels: () => [1, 2].map((at) => ({ text: `${id} ${at}`, by: id })),
          size: () => records().length,
          newest: () => (records().length > 0 ? Math.max(...years()) : null),
          oldest: () => (records().length > 0 ? Math.min(...years()) : null),
          motto: () => `of ${id}`,
          about: () => ({ name: id }),
        },
        Photograph: {
          custodian: ({ id: record }: LightRecord) => holderOf(record),
          person: ({ person }: LightRecord) => ({ __typename: 'Person', id: person }),
        },
        Person: {
          __resolveReference: (given: object) => given,
          photographs: page(
            (parent) =>
              ({ person }) =>
                person === parent.id,
          ),
          counts: ({ id: person }: { id: string }) => ({
            photographs: records().filter((record) => record.person === person).length,
          }),
        },
      },
    },
  ]);
}
