import { parse } from 'graphql';
import { pino } from 'pino';
import { authorizeOperation } from '../../src/gateway/authorize/authorize-operation.ts';
import { grantsAccess } from '../../src/gateway/authorize/grants-access.ts';
import { composeSupergraph } from '../../src/gateway/compose/compose-supergraph.ts';
import { readContract } from '../../src/gateway/compose/host-contract.ts';
import { SupergraphSnapshot } from '../../src/gateway/compose/supergraph-snapshot.ts';
import { CustodianConnection } from '../../src/gateway/custodian-connection.ts';
import { executePlan } from '../../src/gateway/execute/execute-plan.ts';
import { federationOf } from '../../src/gateway/federation.ts';
import { ListCursors } from '../../src/gateway/gather/list-cursors.ts';
import { gatewayMetrics } from '../../src/gateway/observe/gateway-metrics.ts';
import { RequestWatch } from '../../src/gateway/observe/request-watch.ts';
import { planner } from '../../src/gateway/plan.ts';
import { resolveOperation } from '../../src/gateway/resolve/resolve-operation.ts';
import type { AccessAnswer } from '../../src/protocol/access-answer.ts';
import { NO_TRACES } from '../../src/protocol/traces.ts';
import { ARCHIVE } from '../../test/gather/archive-schema.ts';
import { CREDENTIALS, type HostAddress, PAGE, type Page, type Way } from './ways.ts';

const QUERY = `query($after: String) {
  photographs(first: ${PAGE}, after: $after) { nodes { id custodian place } pageInfo { hasNextPage endCursor } }
}`;

const MOST_FIELDS = 100_000;
const SCOPES = ['ngo:registered', 'ngo:identifying'];

/** The gateway's stages from resolve to execute, which all hosts have told before what they grant. */
export function amana(hosts: readonly HostAddress[], deadline: number): Way {
  const served = { subgraph: 'ngo', url: 'http://127.0.0.1:1', sdl: ARCHIVE };
  const snapshot = new SupergraphSnapshot(composeSupergraph([served]));
  const surroundings = { now: Date.now, random: Math.random, log: pino({ level: 'silent' }) };
  const connections = hosts.map(
    ({ custodian: id, url }) =>
      new CustodianConnection(
        { id, subgraph: 'ngo', url, name: { en: id, ar: id }, contact: `${id}@test` },
        surroundings,
      ),
  );
  const federation = federationOf(snapshot, connections, connections, {
    gathered: new Map([['ngo', readContract(served).rules]]),
    lacks: new Map(),
    joined: new Map(),
  });
  const instruments = { metrics: gatewayMetrics(), tracer: NO_TRACES };
  const cursors = new ListCursors([Buffer.alloc(32, 1)]);
  const plan = planner();
  const document = parse(QUERY);
  const answers = new Map(connections.map(({ custodian }) => [custodian.id, answerOf(custodian.id)]));
  return {
    async page(after) {
      const operation = resolveOperation(
        snapshot,
        document,
        { operationName: undefined, variables: { after } },
        MOST_FIELDS,
      );
      const accesses = new Map(
        connections.map(({ custodian }) => {
          const answer = answers.get(custodian.id) ?? answerOf(custodian.id);
          const access = { status: 'ANSWERED', answer, credentials: CREDENTIALS } as const;
          return [custodian.id, grantsAccess(custodian, access, 'request')];
        }),
      );
      const authorization = authorizeOperation(federation, operation, accesses);
      const { data, errors } = await executePlan({
        ...federation,
        shown: () => snapshot.apiSchema,
        requestId: 'request',
        watch: new RequestWatch(instruments, 'request'),
        plan: plan(snapshot, authorization.document),
        operation,
        authorization,
        viewer: { subject: CREDENTIALS.viewer, subjectKind: 'USER' },
        cursors,
        now: Date.now,
        own: () => Promise.reject(new Error('nothing of its own was asked for')),
        signal: new AbortController().signal,
        deadline,
        failed: () => {},
        withheld: () => {},
      });
      const page = data?.['photographs'] as (Pick<Page, 'nodes'> & { pageInfo: Omit<Page, 'nodes'> }) | null;
      if (errors.length > 0 || !page) throw new Error(`no page: ${errors.map(({ message }) => message).join(', ')}`);
      return { nodes: page.nodes, ...page.pageInfo };
    },
  };
}

const answerOf = (custodian: string): AccessAnswer => ({
  custodian,
  grants: [{ scopes: SCOPES, clears: [], until: '2099-01-01T00:00:00.000Z' }],
  otherPurpose: [],
  expired: [],
  askedAboutPersons: true,
});
