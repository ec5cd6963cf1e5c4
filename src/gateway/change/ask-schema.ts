import { CONTEXT_HEADER, type ContextSigner, signSchemaCredential } from '../../protocol/request-context.ts';
import { SCHEMA_CONFIRMED_HEADER, type SchemaVerdict, digestOf } from '../../protocol/schema-verdict.ts';
import type { CustodianConnection } from '../custodian-connection.ts';

/** A schema as a custodian serves it. */
export interface ServedNow {
  readonly sdl: string;
  readonly digest: string;
  /** Whether the custodian has confirmed that this one may weaken guards. */
  readonly isConfirmed: boolean;
}

/**
 * Reads a custodian's schema; where it is the `known` one still, only that is answered. Throws where there is no answer,
 * with a message that says why in the operator's words.
 */
export async function askSchema(
  connection: CustodianConnection,
  signer: ContextSigner,
  known: ServedNow | undefined,
  signal: AbortSignal,
): Promise<ServedNow> {
  const { id, subgraph } = connection.custodian;
  const { status, text, headers } = await connection.request({
    method: 'GET',
    path: `/${subgraph}/schema`,
    headers: {
      [CONTEXT_HEADER]: await signSchemaCredential(signer, id),
      accept: 'text/plain, application/graphql',
      ...(known && { 'if-none-match': `"${known.digest}"` }),
    },
    signal,
  });
  const sdl = status === 304 ? known?.sdl : status === 200 ? text : undefined;
  if (sdl === undefined)
    throw new Error(`it answers ${status}${status === 401 ? ": has it pinned this gateway's key?" : ''}`);
  const digest = digestOf(sdl);
  return { sdl, digest, isConfirmed: headers[SCHEMA_CONFIRMED_HEADER] === digest };
}

/** Tells a custodian what became of its schema. Throws where it cannot be reached; one that wants to know nothing of it is told. */
export async function tellVerdict(
  connection: CustodianConnection,
  signer: ContextSigner,
  verdict: SchemaVerdict,
  signal: AbortSignal,
): Promise<void> {
  const { id, subgraph } = connection.custodian;
  const { status } = await connection.request({
    method: 'POST',
    path: `/${subgraph}/schema/verdict`,
    headers: { [CONTEXT_HEADER]: await signSchemaCredential(signer, id), 'content-type': 'application/json' },
    body: JSON.stringify(verdict),
    signal,
  });
  if (status >= 500) throw new Error(`it answers ${status}`);
}
