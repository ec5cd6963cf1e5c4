import { parse } from 'graphql';
import { pino } from 'pino';
import type { AccessAnswer } from '../../src/protocol/access-answer.ts';
import type { CustodianAccess } from '../../src/gateway/authorize/ask-access.ts';
import { authorizeOperation } from '../../src/gateway/authorize/authorize-operation.ts';
import { grantsAccess } from '../../src/gateway/authorize/grants-access.ts';
import { subgraphsOf } from '../../src/gateway/authorize/rewrite-operation.ts';
import { composeSupergraph } from '../../src/gateway/compose/compose-supergraph.ts';
import { readContract } from '../../src/gateway/compose/host-contract.ts';
import { SupergraphSnapshot } from '../../src/gateway/compose/supergraph-snapshot.ts';
import { CustodianConnection } from '../../src/gateway/custodian-connection.ts';
import type { CustodianReport } from '../../src/gateway/custodian-status.ts';
import { executePlan } from '../../src/gateway/execute/execute-plan.ts';
import { type Federation, federationOf } from '../../src/gateway/federation.ts';
import { ListCursors } from '../../src/gateway/gather/list-cursors.ts';
import { gatewayMetrics } from '../../src/gateway/observe/gateway-metrics.ts';
import { RequestWatch } from '../../src/gateway/observe/request-watch.ts';
import { planner } from '../../src/gateway/plan.ts';
import { resolveOperation } from '../../src/gateway/resolve/resolve-operation.ts';
import { reportCustodians } from '../../src/gateway/respond/report-custodians.ts';
import type { Withheld } from '../../src/gateway/withheld.ts';
import { NO_TRACES } from '../../src/protocol/traces.ts';
import { granted } from '../gateway/authorize.ts';
import { ARCHIVE, REGISTRY } from './archive-schema.ts';
import { type LightHost, startRegistry } from './light-host.ts';

export const ALL_SCOPES = ['ngo:registered', 'ngo:identifying', 'ngo:medical'];

/** What a host says to `/access`; null says nothing. */
export type Says = Partial<AccessAnswer> | null;

export interface GatheredAsking {
  readonly variables?: Record<string, unknown>;
  /** By host; what is not named grants all. */
  readonly says?: Readonly<Record<string, Says>>;
  /** By host, fields (`Type.field`) that it does not serve. */
  readonly lacks?: Readonly<Record<string, readonly string[]>>;
  readonly viewer?: string;
  readonly deadline?: number;
}

export interface GatheredAnswered {
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever a test asked for
  readonly data: any;
  readonly errors: readonly { readonly path?: unknown; readonly code: unknown }[];
  readonly custodians: readonly CustodianReport[];
  readonly withheld: readonly Withheld[];
  /** What hosts withheld when they were asked. */
  readonly refused: readonly { readonly custodian: string; readonly coordinate: string; readonly path: string }[];
}

/** The gateway's stages from resolve to execute before light hosts, over real HTTP. */
export interface GatheredFederation {
  readonly hosts: LightHost[];
  ask(query: string, asking?: GatheredAsking): Promise<GatheredAnswered>;
  close(): Promise<void>;
}

const silent = { now: Date.now, random: Math.random, log: pino({ level: 'silent' }) };
const snapshotOf = (contract: string): SupergraphSnapshot =>
  new SupergraphSnapshot(
    composeSupergraph([
      { subgraph: 'ngo', url: 'http://127.0.0.1:1', sdl: contract },
      { subgraph: 'registry', url: 'http://127.0.0.1:1', sdl: REGISTRY },
    ]),
  );
const archive = snapshotOf(ARCHIVE);

/** What clients see of the archives and the registry. */
export const API_SCHEMA = archive.apiSchema;
const plan = planner();
const custodianAt = (id: string, subgraph: string, url: string) => ({
  id,
  subgraph,
  url,
  name: { en: id, ar: id },
  contact: `records@${id}.example`,
});

/**
 * Puts hosts, which stay their owner's to stop, into a federation with a registry; a contract may guard more than they do.
 * They have joined at a time, in milliseconds since 1970, and those that come later join when they come.
 */
export async function gatherFrom(
  hosts: readonly LightHost[],
  contract = ARCHIVE,
  since = 0,
): Promise<GatheredFederation> {
  const snapshot = contract === ARCHIVE ? archive : snapshotOf(contract);
  const { rules } = readContract({ subgraph: 'ngo', url: '', sdl: contract });
  const registry = await startRegistry();
  const present = [...hosts];
  const connected = new Map<LightHost, CustodianConnection>();
  const connectionOf = (host: LightHost): CustodianConnection => {
    const connection = connected.get(host) ?? new CustodianConnection(custodianAt(host.id, 'ngo', host.url), silent);
    connected.set(host, connection);
    return connection;
  };
  const registrar = new CustodianConnection(custodianAt('registry', 'registry', registry.url), silent);
  const joined = new Map(hosts.map(({ id }) => [id, since]));
  let time = 0;
  const joinedNow = (): ReadonlyMap<string, number> => {
    time = Math.max(Date.now(), time + 1);
    for (const { id } of present) joined.set(id, joined.get(id) ?? time);
    for (const id of joined.keys()) if (!present.some((host) => host.id === id)) joined.delete(id);
    return new Map(joined);
  };
  const cursors = new ListCursors([Buffer.alloc(32, 1)]);
  const ask: GatheredFederation['ask'] = async (
    query,
    { variables = {}, says = {}, lacks = {}, viewer = 'v', deadline = 2_000 } = {},
  ) => {
    const connections = [...present.map(connectionOf), registrar];
    const federation: Federation = federationOf(snapshot, connections, connections, {
      gathered: new Map([['ngo', rules]]),
      lacks: new Map(Object.entries(lacks).map(([id, fields]) => [id, new Set(fields)])),
      joined: joinedNow(),
    });
    const operation = resolveOperation(snapshot, parse(query), { operationName: undefined, variables }, 100_000);
    const touched = [...subgraphsOf(snapshot, operation.selections)].flatMap(
      (name) => federation.hosts.get(name) ?? [],
    );
    const accesses = new Map(
      touched.map(({ custodian }) => [custodian.id, grantsAccess(custodian, answered(custodian.id, says), 'r')]),
    );
    const authorization = authorizeOperation(federation, operation, accesses);
    const refused: GatheredAnswered['refused'][number][] = [];
    const execution = await executePlan({
      ...federation,
      requestId: 'r',
      shown: () => snapshot.apiSchema,
      watch: new RequestWatch({ metrics: gatewayMetrics(), tracer: NO_TRACES }, 'r'),
      plan: plan(snapshot, authorization.document),
      operation,
      authorization,
      viewer: { subject: viewer, subjectKind: 'USER' },
      cursors,
      now: Date.now,
      own: () => Promise.reject(new Error('no own fields')),
      signal: new AbortController().signal,
      deadline,
      failed: () => {},
      withheld: ({ custodian }, coordinate, path) =>
        void refused.push({ custodian: custodian.id, coordinate, path: path.join('.') }),
    });
    const { data, errors } = execution;
    return {
      data,
      errors: errors.map(({ path, extensions: { code } }) => ({ ...(path && { path }), code })),
      custodians: reportCustodians(
        federation,
        [...authorization.touched.values()].filter((part) => part.isInvolved),
        execution,
        operation.selections,
      ),
      withheld: authorization.withheld.entries(),
      refused,
    };
  };
  return {
    hosts: present,
    ask,
    close: async () => {
      await Promise.all([...connected.values(), registrar].map((connection) => connection.close()));
      await registry.close();
    },
  };
}

function answered(id: string, says: Readonly<Record<string, Says>>): CustodianAccess {
  const said = says[id];
  if (said === null) return { status: 'UNAVAILABLE', code: 'CUSTODIAN_UNAVAILABLE' };
  const scopes = id === 'registry' ? ['registry:identifying'] : ALL_SCOPES;
  return {
    status: 'ANSWERED',
    answer: {
      custodian: id,
      grants: [granted(scopes)],
      otherPurpose: [],
      expired: [],
      askedAboutPersons: true,
      ...said,
    },
    credentials: { viewer: 'v', token: '', context: '' },
  };
}
