import { parse, print } from 'graphql';
import { pino } from 'pino';
import type { AccessAnswer } from '../../src/protocol/access-answer.ts';
import type { CustodianAccess } from '../../src/gateway/authorize/ask-access.ts';
import { type Authorization, authorizeOperation } from '../../src/gateway/authorize/authorize-operation.ts';
import { grantsAccess } from '../../src/gateway/authorize/grants-access.ts';
import { subgraphsOf } from '../../src/gateway/authorize/rewrite-operation.ts';
import type { SubgraphAccess } from '../../src/gateway/authorize/subgraph-access.ts';
import type { SupergraphSnapshot } from '../../src/gateway/compose/supergraph-snapshot.ts';
import { CustodianConnection } from '../../src/gateway/custodian-connection.ts';
import { type ResolvedOperation, resolveOperation } from '../../src/gateway/resolve/resolve-operation.ts';
import type { Withheld } from '../../src/gateway/withheld.ts';

/** A grant as a custodian would tell of it. */
export const granted = (
  scopes: readonly string[],
  clears: AccessAnswer['grants'][number]['clears'] = [],
): AccessAnswer['grants'][number] => ({
  scopes: [...scopes],
  clears: [...clears],
  until: '2099-01-01T00:00:00.000Z',
});

/** What each custodian says; one that says nothing is unavailable. */
export type Says = Readonly<Partial<Record<'ministry' | 'missing', Partial<AccessAnswer> | null>>>;

export interface Authorized {
  readonly resolved: ResolvedOperation;
  readonly authorization: Authorization;
  /** The rewritten document, on one line. */
  readonly document: string;
  readonly withheld: readonly Withheld[];
}

const custodian = (id: string) => ({
  id,
  subgraph: id,
  url: 'http://127.0.0.1:1',
  name: { en: id, ar: id },
  contact: `records@${id}.example`,
});

export const resolve = (
  snapshot: SupergraphSnapshot,
  document: string,
  variables: Record<string, unknown> = {},
): ResolvedOperation => resolveOperation(snapshot, parse(document), { operationName: undefined, variables }, 100_000);

/** Resolves an operation and cuts it down to what the custodians say. */
export async function authorize(
  snapshot: SupergraphSnapshot,
  document: string,
  says: Says,
  variables: Record<string, unknown> = {},
): Promise<Authorized> {
  const resolved = resolve(snapshot, document, variables);
  const health = { now: Date.now, random: Math.random, log: pino({ level: 'silent' }) };
  const ids = ['ministry', 'missing'] as const;
  const members = ids.map((id) => new CustodianConnection(custodian(id), health));
  const accesses = ids.map((id): [string, SubgraphAccess] => {
    const answer = says[id];
    const access: CustodianAccess = answer
      ? {
          status: 'ANSWERED',
          answer: { custodian: id, grants: [], otherPurpose: [], expired: [], askedAboutPersons: true, ...answer },
          credentials: { viewer: '', token: '', context: '' },
        }
      : { status: 'UNAVAILABLE', code: 'CUSTODIAN_UNAVAILABLE' };
    return [id, grantsAccess(custodian(id), access, 'r')];
  });
  const touched = subgraphsOf(snapshot, resolved.selections);
  const authorization = authorizeOperation(
    { snapshot, gathered: new Map(), members },
    resolved,
    new Map(accesses.filter(([id]) => touched.has(id))),
  );
  const withheld = authorization.withheld.entries();
  return { resolved, authorization, withheld, document: print(authorization.document).replaceAll(/\s+/gu, ' ') };
}
