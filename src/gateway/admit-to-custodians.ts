import type { Logger } from 'pino';
import type { VerifyAccessToken } from '../protocol/access-token.ts';
import { AccessQuestions, type CustodianAccess } from './authorize/ask-access.ts';
import { grantsAccess } from './authorize/grants-access.ts';
import { subgraphsOf } from './authorize/rewrite-operation.ts';
import type { GatewayConfiguration } from './configuration.ts';
import type { CustodianConnection } from './custodian-connection.ts';
import type { CustodianCredentials } from './custodian-credentials.ts';
import { describeCause } from './describe-cause.ts';
import { executeOwn } from './execute/own-subgraph.ts';
import { SubjectRefusal, identify } from './identify.ts';
import { rateLimiter } from './limit/rate-limiter.ts';
import type { Admit } from './visit.ts';

/** What visits to custodians take. */
export interface CustodianVisits {
  readonly configuration: Pick<GatewayConfiguration, 'deadlines' | 'limits'>;
  readonly verify: VerifyAccessToken;
  readonly credentials: CustodianCredentials;
  readonly operatorLog: Logger;
  readonly now: () => number;
}

/**
 * Visits to custodians: a token and a purpose are needed, who asks too often goes no further, and each custodian that an
 * operation touches is asked what it grants.
 */
export function admitToCustodians({ configuration, verify, credentials, operatorLog, now }: CustodianVisits): Admit {
  const { deadlines, limits } = configuration;
  const limitRate = rateLimiter(limits.requestsPerMinute, now);
  const questions = new AccessQuestions(credentials, deadlines, now, (custodian, request, cause) =>
    operatorLog.warn({ request, custodian, cause: describeCause(cause) }, 'a custodian did not say what it grants'),
  );
  return async (received) => {
    const viewer = await identify(received, verify);
    if (!limitRate(viewer)) throw new SubjectRefusal('RATE_LIMITED', viewer);
    const { id, signal } = received;
    const ask = (connection: CustodianConnection): Promise<CustodianAccess> =>
      questions.ask(connection, viewer, id, signal);
    return {
      viewer,
      mayIntrospect: true,
      tellsCustodians: true,
      async access({ snapshot, connections }, selections) {
        const touched = [...subgraphsOf(snapshot, selections)].flatMap((subgraph) => connections.get(subgraph) ?? []);
        const asked = touched.map(async (connection) => {
          const { custodian } = connection;
          return [custodian.subgraph, grantsAccess(custodian, await ask(connection), id)] as const;
        });
        return new Map(await Promise.all(asked));
      },
      forget: (custodian) => questions.forget(viewer, custodian),
      own: ({ connections }, fetch) =>
        executeOwn({ viewer, connections: [...connections.values()], ask, signal, deadline: deadlines.access }, fetch),
    };
  };
}
