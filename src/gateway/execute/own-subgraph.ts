import { type DocumentNode, type ExecutionResult, buildSchema, execute } from 'graphql';
import { OWN_TYPES } from '../compose/own-schema.ts';
import type { Custodian, CustodianConnection } from '../custodian-connection.ts';
import type { Viewer } from '../identify.ts';

/** What the gateway's own fields say of one custodian's grants. */
export interface ReportedAccess {
  readonly custodian: string;
  readonly status: 'ANSWERED' | 'REFUSED' | 'UNAVAILABLE';
  readonly scopes: readonly string[];
  readonly until: string | null;
}

/** What answering the gateway's own fields takes; each is called only where it is asked for. */
export interface OwnFields {
  readonly viewer: Viewer;
  readonly connections: readonly CustodianConnection[];
  accessAt(connection: CustodianConnection): Promise<ReportedAccess>;
  isReady(connection: CustodianConnection): Promise<boolean>;
}

const schema = buildSchema(OWN_TYPES);

/** Answers a fetch of the gateway's own subgraph in this process. */
export async function executeOwn(
  { viewer, connections, accessAt, isReady }: OwnFields,
  { document, variables }: { readonly document: DocumentNode; readonly variables: Readonly<Record<string, unknown>> },
): Promise<ExecutionResult> {
  const { subject, subjectKind, purpose, ref } = viewer;
  const custodian = (connection: CustodianConnection): object => {
    const { id, name, subgraph, contact }: Custodian = connection.custodian;
    return { id, name, subgraph, contact, status: async () => ((await isReady(connection)) ? 'READY' : 'UNAVAILABLE') };
  };
  const rootValue = {
    viewer: {
      subject,
      kind: subjectKind,
      purpose,
      reference: ref ?? null,
      accesses: () => Promise.all(connections.map(accessAt)),
    },
    custodians: () => connections.map(custodian),
  };
  return execute({ schema, document, rootValue, variableValues: variables });
}
