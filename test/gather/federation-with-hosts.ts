import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GatewayConfiguration } from '../../src/gateway/configuration.ts';
import {
  type SmallCustodian,
  type SmallFederation,
  settingsOf,
  startCustodian,
  startSmallFederation,
} from '../gateway/small-federation.ts';
import { type ListPosition, compareRows } from '../../src/gateway/gather/rows.ts';
import { LINKS } from './contract.ts';

const needs = (scope: string): string => `@requiresScopes(scopes: [["ngo:${scope}"]])`;

/** A small contract that keeps the rules between custodians, beside those of the Ministry and the Authority. */
export const NGO = `${LINKS}
type Query {
  archive: NgoArchive ${needs('registered')}
  photographs(
    first: Int = 20
    after: String
    afterRecord: ListPosition @inaccessible @guardedBy(field: "PhotographEdge.sortKey")
    filter: PhotographFilter
  ): PhotographConnection ${needs('registered')}
}

type NgoArchive {
  size: Int @gather(rule: SUM) ${needs('registered')}
  names: [String!] ${needs('registered')}
}

input PhotographFilter { place: String @guardedBy(field: "Photograph.place") }

input ListPosition @inaccessible { sortKey: String! custodian: String! id: ID! }

type PhotographConnection {
  nodes: [Photograph!] ${needs('registered')}
  edges: [PhotographEdge!] ${needs('registered')}
  pageInfo: PageInfo!
}

type PhotographEdge {
  node: Photograph ${needs('registered')}
  cursor: String!
  sortKey: String @inaccessible ${needs('registered')}
  recordId: ID @inaccessible ${needs('registered')}
}

type Photograph {
  id: ID ${needs('registered')}
  title: String ${needs('registered')}
  place: String ${needs('identifying')}
}

type PageInfo @shareable { hasNextPage: Boolean! endCursor: String }

type Person @key(fields: "id") {
  id: ID!
  ngoCounts: NgoCounts ${needs('registered')}
}

type NgoCounts { photographs: Int @gather(rule: SUM) ${needs('registered')} }
`;

/** A small federation, with hosts of one more subgraph that a test may name in the gateway's configuration. */
export interface FederationWithHosts extends SmallFederation {
  readonly hosts: ReadonlyMap<string, SmallCustodian>;
  host(id: string): SmallCustodian;
  /** The configuration of the gateway with these hosts, and the contract. */
  with(...ids: readonly string[]): GatewayConfiguration;
  /** Writes another contract where the gateway's configuration looks for it. */
  writeContract(sdl: string): void;
}

/** Starts the federation and the hosts; the gateway names none of them yet. */
export async function startFederationWithHosts(
  ids: readonly string[],
  settings: Parameters<typeof startSmallFederation>[0] = {},
): Promise<FederationWithHosts> {
  const started = await Promise.all(
    ids.map(async (id): Promise<[string, SmallCustodian]> => {
      const photograph = { id: `${id}:1`, title: `of ${id}`, place: 'P' };
      const edges = [{ node: photograph, cursor: 'c', sortKey: photograph.title, recordId: photograph.id }];
      const place = { sortKey: photograph.title, custodian: id, id: photograph.id };
      const photographs = ({ afterRecord }: { afterRecord?: ListPosition | null }) => ({
        nodes: [photograph],
        edges: afterRecord && compareRows(afterRecord, place) >= 0 ? [] : edges,
        pageInfo: { hasNextPage: false, endCursor: 'c' },
      });
      const root = { archive: { size: 1, names: [id] }, photographs };
      const scopes = ['registered', 'identifying'];
      const host = { id, subgraph: 'ngo', sdl: NGO, scopes, root, edges: { ngoCounts: { photographs: 1 } } };
      return [id, await startCustodian(host)];
    }),
  );
  const hosts = new Map(started);
  const host = (id: string): SmallCustodian => hosts.get(id)!;
  const federation = await startSmallFederation({
    ...settings,
    gateway: { schemaInterval: 100, startup: 2_000, ...settings.gateway },
  });
  const contractFile = join(federation.directory, 'ngo.graphql');
  writeFileSync(contractFile, NGO);
  const cursorKeyFile = join(federation.directory, 'cursor.secret');
  writeFileSync(cursorKeyFile, Buffer.alloc(32, 9).toString('base64url'), { mode: 0o600 });
  const close = federation.close.bind(federation);
  return Object.assign(federation, {
    hosts,
    host,
    with: (...named: readonly string[]): GatewayConfiguration => ({
      ...federation.configuration,
      gathered: [{ subgraph: 'ngo', contractFile }],
      cursorKeyFile,
      custodians: [...federation.configuration.custodians, ...named.map((id) => settingsOf(host(id), id, 'ngo'))],
    }),
    writeContract: (sdl: string) => writeFileSync(contractFile, sdl),
    async close() {
      await close();
      await Promise.all(started.map(([, { server }]) => server.close()));
    },
  });
}
