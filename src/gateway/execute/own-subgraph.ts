import { type DocumentNode, type ExecutionResult, buildSchema, execute } from 'graphql';
import type { CustodianAccess } from '../authorize/ask-access.ts';
import type { SchemaStanding } from '../change/federation-keeper.ts';
import { OWN_TYPES } from '../compose/own-schema.ts';
import type { Custodian, CustodianConnection } from '../custodian-connection.ts';
import type { Viewer } from '../identify.ts';
import { within } from '../within.ts';

/** What answering the gateway's own fields takes. */
export interface OwnFields {
  readonly viewer: Viewer;
  /** All custodians of the gateway's configuration. */
  readonly connections: readonly CustodianConnection[];
  /** Whether a schema of the custodian's is in force. */
  readonly isInForce: (custodian: Custodian) => boolean;
  /** How a custodian's schema stands; undefined where the viewer is not one of the gateway's operators. */
  readonly standing: (custodian: string) => SchemaStanding | undefined;
  readonly ask: (connection: CustodianConnection) => Promise<CustodianAccess>;
  /** The request's own, and how many milliseconds a custodian has to say that it is ready. */
  readonly signal: AbortSignal;
  readonly deadline: number;
}

/** A fetch of the gateway's own fields. */
export interface OwnFetch {
  readonly document: DocumentNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

const schema = buildSchema(OWN_TYPES);

/** Answers a fetch of the gateway's own subgraph in this process; custodians are asked only for what is asked for, and once. */
export async function executeOwn(own: OwnFields, { document, variables }: OwnFetch): Promise<ExecutionResult> {
  const { subject, subjectKind, purpose, ref } = own.viewer;
  const accesses = once(() => Promise.all(own.connections.map((connection) => reportAccess(own, connection))));
  const custodians = own.connections.map((connection) => {
    const { id, name, subgraph, contact } = connection.custodian;
    const status = once(() => reportStatus(own, connection));
    return { id, name, subgraph, contact, status, schema: reportSchema(own.standing(id)) };
  });
  const rootValue = {
    viewer: {
      subject,
      kind: subjectKind,
      purpose,
      reference: ref ?? null,
      accesses,
    },
    custodians,
  };
  return execute({ schema, document, rootValue, variableValues: variables });
}

/** However many aliases ask. */
function once<Value>(ask: () => Promise<Value>): () => Promise<Value> {
  let asked: Promise<Value> | undefined;
  return () => (asked ??= ask());
}

async function reportAccess({ ask }: OwnFields, connection: CustodianConnection): Promise<object> {
  const access = await ask(connection);
  const grants = access.status === 'ANSWERED' ? access.answer.grants : [];
  const lapses = grants.map(({ until }) => Date.parse(until));
  return {
    custodian: connection.custodian.id,
    status: access.status,
    scopes: [...new Set(grants.flatMap(({ scopes }) => scopes))].sort(),
    until: lapses.length > 0 ? new Date(Math.max(...lapses)).toISOString() : null,
  };
}

function reportSchema(standing: SchemaStanding | undefined): object | null {
  if (!standing) return null;
  const { inForce, lacks, isReached, verdict } = standing;
  const refused = verdict && verdict.verdict !== 'IN_FORCE' && { ...verdict, state: verdict.verdict };
  const { digest = null, since = null } = inForce ?? {};
  return { inForce: digest, since, lacks, isReached, refused: refused || null };
}

async function reportStatus(
  { signal, deadline, isInForce }: OwnFields,
  connection: CustodianConnection,
): Promise<string> {
  if (!isInForce(connection.custodian)) return 'ABSENT';
  if (connection.health.retryAfter !== undefined) return 'UNAVAILABLE';
  const isReady = await within(signal, deadline, (bounded) => connection.isReady(bounded));
  return isReady ? 'READY' : 'UNAVAILABLE';
}
