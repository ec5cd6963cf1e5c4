import type { Logger } from 'pino';
import type { VerifyAccessToken } from '../protocol/access-token.ts';
import { GRANTABLE_SCOPE } from '../protocol/requirements.ts';
import { AccessQuestions, type CustodianAccess } from './authorize/ask-access.ts';
import { grantsAccess } from './authorize/grants-access.ts';
import { subgraphsOf } from './authorize/rewrite-operation.ts';
import type { SubgraphAccess } from './authorize/subgraph-access.ts';
import type { SchemaStanding } from './change/federation-keeper.ts';
import type { GatewayConfiguration } from './configuration.ts';
import { isNothing } from './compose/demand.ts';
import type { Attainable } from './compose/shown-schema.ts';
import type { CustodianConnection } from './custodian-connection.ts';
import { CODE_OF } from './custodian-status.ts';
import type { CustodianCredentials } from './custodian-credentials.ts';
import { describeCause } from '../protocol/describe-cause.ts';
import { executeOwn } from './execute/own-subgraph.ts';
import { SubjectRefusal, identify } from './identify.ts';
import { rateLimiter } from './limit/rate-limiter.ts';
import type { Admit } from './visit.ts';

/** What visits to custodians take. */
export interface CustodianVisits {
  /** The settings in force now. */
  readonly configuration: () => Pick<GatewayConfiguration, 'deadlines' | 'limits' | 'operators'>;
  /** How a custodian's schema stands. */
  readonly standing: (custodian: string) => SchemaStanding | undefined;
  /** Hears whether a custodian's answer was kept from before. */
  readonly looked: (isKnown: boolean) => void;
  readonly verify: VerifyAccessToken;
  readonly credentials: CustodianCredentials;
  readonly operatorLog: Logger;
  readonly now: () => number;
}

const ABSENT: SubgraphAccess = { status: 'UNAVAILABLE', code: CODE_OF.UNAVAILABLE };

/**
 * Visits to custodians: a token and a purpose are needed, who asks too often goes no further, and each custodian that an
 * operation touches is asked what it grants.
 */
export function admitToCustodians(visits: CustodianVisits): Admit {
  const { configuration, standing, looked, verify, credentials, operatorLog, now } = visits;
  const limitRate = rateLimiter(() => configuration().limits.requestsPerMinute, now);
  const deadlines = (): GatewayConfiguration['deadlines'] => configuration().deadlines;
  const unsaid = (custodian: string, request: string, cause: unknown): void =>
    operatorLog.warn({ request, custodian, cause: describeCause(cause) }, 'a custodian did not say what it grants');
  const questions = new AccessQuestions(credentials, deadlines, now, unsaid, looked);
  return async (received, watch) => {
    const viewer = await identify(received, verify);
    if (!limitRate(viewer)) throw new SubjectRefusal('RATE_LIMITED', viewer);
    const { id, signal } = received;
    const isOperator = viewer.subjectKind === 'USER' && configuration().operators.includes(viewer.subject);
    const ask = (connection: CustodianConnection): Promise<CustodianAccess> =>
      questions.ask(connection, viewer, id, watch, signal);
    return {
      viewer,
      attainable: isOperator ? OPERATORS : VIEWERS,
      tellsCustodians: true,
      async access({ snapshot, hosts, members }, selections) {
        const subgraphs = subgraphsOf(snapshot, selections);
        const touched = [...subgraphs].flatMap((subgraph) => hosts.get(subgraph) ?? []);
        const present = new Set(touched);
        // A host of which no schema is in force takes no part, and is not left out of the report for that.
        const absent = members.filter((one) => subgraphs.has(one.custodian.subgraph) && !present.has(one));
        const asked = touched.map(async (connection) => {
          const { custodian } = connection;
          return [custodian.id, grantsAccess(custodian, await ask(connection), id)] as const;
        });
        return new Map([
          ...(await Promise.all(asked)),
          ...absent.map(({ custodian }) => [custodian.id, ABSENT] as const),
        ]);
      },
      forget: (custodian) => questions.forget(viewer, custodian),
      own: ({ hosts, members }, fetch) =>
        executeOwn(
          {
            viewer,
            connections: members,
            isInForce: ({ subgraph, id }) => hosts.get(subgraph)?.some(({ custodian }) => custodian.id === id) ?? false,
            standing: (custodian) => (isOperator ? standing(custodian) : undefined),
            ask,
            signal,
            deadline: deadlines().access,
          },
          fetch,
        ),
    };
  };
}

/**
 * What a custodian's grants could give to anybody, user or client: any scope of its own subgraph. Policies none of them
 * carries, and no custodian grants what guards another's.
 */
const canBeGranted: Attainable['canMeet'] = (need) =>
  isNothing(need) ||
  (need.policies.length === 0 &&
    (need.requirement.length === 0 || need.requirement.some((all) => all.every(isGrantableBy(need.subgraph)))));

const isGrantableBy =
  (subgraph: string) =>
  (scope: string): boolean =>
    scope.startsWith(`${subgraph}:`) && GRANTABLE_SCOPE.test(scope);

const OPERATORS: Attainable = { canMeet: canBeGranted, never: new Set() };
const VIEWERS: Attainable = { canMeet: canBeGranted, never: new Set(['Custodian.schema']) };
