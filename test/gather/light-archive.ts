import { buildSubgraphSchema } from '@apollo/subgraph';
import {
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  defaultFieldResolver,
  isObjectType,
  parse,
} from 'graphql';
import { compareCodePoints } from '../../src/gateway/gather/code-points.ts';
import { ARCHIVE } from './archive-schema.ts';

/** One photograph of a light archive, or a note. */
export interface LightRecord {
  /** `<custodian>:<number>` */
  readonly id: string;
  readonly sortKey: string;
  readonly place: string;
  readonly finding: string;
  readonly person: string;
  readonly isNote?: boolean;
}

export interface LightFilter {
  readonly id?: readonly string[] | null;
  readonly place?: string | null;
  readonly finding?: string | null;
}

interface PageArguments {
  readonly first: number;
  readonly afterRecord?: { readonly sortKey: string; readonly custodian: string; readonly id: string } | null;
  readonly filter?: LightFilter | null;
}

/** The total order of all hosts' records. */
export const inOrder = (a: LightRecord, b: LightRecord): number =>
  compareCodePoints(a.sortKey, b.sortKey) ||
  compareCodePoints(holderOf(a.id), holderOf(b.id)) ||
  compareCodePoints(a.id, b.id);

export const holderOf = (id: string): string => id.slice(0, id.indexOf(':'));

export const isPhotograph = ({ isNote }: LightRecord): boolean => !isNote;

/** What a filter lets through. */
export const passes =
  (filter: LightFilter | null | undefined) =>
  (record: LightRecord): boolean =>
    (!filter?.id || filter.id.includes(record.id)) &&
    (!filter?.place || filter.place === record.place) &&
    (!filter?.finding || filter.finding === record.finding);

/** What a photograph is asked about itself. */
export interface AmongArguments {
  readonly ids?: readonly string[] | null;
  readonly but?: string | null;
  readonly like?: LightFilter | null;
}

export const isAmong = (record: LightRecord, { ids, but, like }: AmongArguments): boolean =>
  (!ids || ids.includes(record.id)) && record.id !== but && passes(like)(record);

/** What a host holds, and fields (`Type.field`) in the place of which it reports an error, with its code. */
export interface LightHolding {
  readonly records: readonly LightRecord[];
  readonly failing: ReadonlyMap<string, string>;
}

/** The schema of a host with a few records in memory. */
export function lightArchive(holding: () => LightHolding, id: string): GraphQLSchema {
  const records = (): readonly LightRecord[] => holding().records;
  const page =
    (mine: (parent: { id: string }, record: LightRecord) => boolean) =>
    (parent: { id: string }, { first, afterRecord, filter }: PageArguments) => {
      const all = records()
        .filter((record) => mine(parent, record) && passes(filter)(record))
        .toSorted(inOrder);
      const rest = all.filter((record) => {
        if (!afterRecord) return true;
        const byKey = compareCodePoints(record.sortKey, afterRecord.sortKey);
        return (
          (byKey || compareCodePoints(id, afterRecord.custodian) || compareCodePoints(record.id, afterRecord.id)) > 0
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
  const __resolveType = ({ isNote }: LightRecord): string => (isNote ? 'Note' : 'Photograph');
  const person = (record: LightRecord) => ({ __typename: 'Person', id: record.person });
  const resolvers = {
    Query: {
      photographs: page((_, record) => isPhotograph(record)),
      items: page(() => true),
      things: () => records(),
      places: () => [...new Set(records().map(({ place }) => place))].map((name) => ({ name: `${id} ${name}` })),
      labels: () => [1, 2].map((at) => ({ text: `${id} ${at}`, by: id })),
      size: () => records().length,
      newest: () => (records().length > 0 ? Math.max(...years()) : null),
      oldest: () => (records().length > 0 ? Math.min(...years()) : null),
      motto: () => `of ${id}`,
      about: () => ({ name: id }),
    },
    Photograph: { custodian: (record: LightRecord) => holderOf(record.id), person, isAmong },
    Note: { text: ({ finding }: LightRecord) => finding, about: person },
    Item: { __resolveType },
    Thing: { __resolveType },
    Person: {
      __resolveReference: (given: object) => given,
      photographs: page((parent, record) => isPhotograph(record) && record.person === parent.id),
      counts: (parent: { id: string }) => ({
        photographs: records().filter((record) => isPhotograph(record) && record.person === parent.id).length,
      }),
    },
  };
  const schema = buildSubgraphSchema([{ typeDefs: parse(ARCHIVE), resolvers }]);
  for (const type of Object.values(schema.getTypeMap()))
    for (const field of isObjectType(type) ? Object.values(type.getFields()) : [])
      field.resolve = failingAt(`${type.name}.${field.name}`, holding, field.resolve);
  return schema;
}

const failingAt =
  (
    coordinate: string,
    holding: () => LightHolding,
    resolve: GraphQLFieldResolver<unknown, unknown> = defaultFieldResolver,
  ): GraphQLFieldResolver<unknown, unknown> =>
  (...given) => {
    const code = holding().failing.get(coordinate);
    if (code !== undefined) throw new GraphQLError('failing', { extensions: { code } });
    return resolve(...given);
  };
