import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { buildSchema, graphql } from 'graphql';
import { createRemoteJWKSet } from 'jose';
import { registerConsole } from '../../src/console/register-console.ts';
import { accessTokenVerifier } from '../../src/protocol/access-token.ts';
import { messageOf } from '../../src/protocol/errors.ts';
import { GATEWAY_AUDIENCE } from '../../src/protocol/identifiers.ts';
import { PURPOSES } from '../../src/protocol/purposes.ts';

/** A request as the console made it. */
export interface Asked {
  readonly subject: string;
  readonly purpose: string | undefined;
  readonly query: string;
}

interface GraphQLRequest {
  readonly query: string;
  readonly operationName?: string;
}

const SCHEMA = buildSchema(`
  type Query {
    "Reports of missing persons."
    missingPersonReports(first: Int = 20): MissingPersonReportConnection
  }
  type MissingPersonReportConnection { nodes: [MissingPersonReport] totalCount: Int }
  type MissingPersonReport { id: ID! name: PersonName circumstances: String }
  type PersonName { asWritten: String romanised: String }
`);

const DATA = {
  missingPersonReports: {
    totalCount: 1,
    nodes: [
      {
        id: 'missing:1',
        name: { asWritten: 'محمد عبد الله الحسن (أبو أحمد)', romanised: 'Muhammad Abdullah al-Hasan' },
        circumstances: null,
      },
    ],
  },
};

const EXTENSIONS = {
  requestId: 'b2f1',
  withheld: [
    {
      path: ['missingPersonReports', 'nodes', '@', 'circumstances'],
      coordinate: 'MissingPersonReport.circumstances',
      custodian: 'missing',
      requires: [['missing:circumstances']],
      reason: 'NO_GRANT',
      contact: 'records@missing.example',
    },
  ],
  custodians: [
    { custodian: 'missing', status: 'ANSWERED', records: 1 },
    { custodian: 'ministry', status: 'TIMED_OUT', records: 0 },
  ],
};

/** The console before a server that checks the token and answers one fixed record: what the page does is tested here, not a gateway. */
export async function startStubGateway(port: number, issuer: string, asked: Asked[]): Promise<FastifyInstance> {
  const server = fastify();
  const verify = accessTokenVerifier({
    issuer,
    audience: GATEWAY_AUDIENCE,
    keys: createRemoteJWKSet(new URL(`${issuer}/jwks`)),
    now: Date.now,
  });
  registerConsole(server, { issuer, clientId: 'amana-console', audience: GATEWAY_AUDIENCE, purposes: PURPOSES });
  const answer = async (request: FastifyRequest<{ Body: GraphQLRequest }>) => {
    const { sub } = await verify(request.headers.authorization?.replace('Bearer ', '') ?? '');
    const purpose = request.headers['amana-purpose'];
    const { query, operationName } = request.body;
    asked.push({ subject: sub, purpose: typeof purpose === 'string' ? purpose : undefined, query });
    if (operationName === 'Refused') {
      return { errors: [{ message: messageOf('FILTER_WITHHELD'), extensions: { code: 'FILTER_WITHHELD' } }] };
    }
    const { data, errors } = await graphql({ schema: SCHEMA, source: query, rootValue: DATA, operationName });
    return { data, errors, ...(operationName !== 'IntrospectionQuery' && { extensions: EXTENSIONS }) };
  };
  server.route<{ Body: GraphQLRequest }>({ method: 'POST', url: '/graphql', handler: answer });
  await server.listen({ host: '127.0.0.1', port });
  return server;
}
