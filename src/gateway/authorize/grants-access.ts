import { createHash } from 'node:crypto';
import type { AccessAnswer } from '../../protocol/access-answer.ts';
import { credentialHeaders } from '../custodian-credentials.ts';
import type { Custodian } from '../custodian-connection.ts';
import type { CustodianAccess } from './ask-access.ts';
import { carries, isPartial, reasonFor } from './decide.ts';
import type { SubgraphAccess } from './subgraph-access.ts';

/** A custodian's part: what its grants carry for a viewer whom it knows, so that `@authenticated` is met. */
export function grantsAccess({ id, contact }: Custodian, access: CustodianAccess, requestId: string): SubgraphAccess {
  if (access.status !== 'ANSWERED') return access;
  const { answer, credentials } = access;
  return {
    status: 'ANSWERED',
    // No grant carries a policy; composition refuses them.
    carries: ({ requirement, policies }) => policies.length === 0 && carries(answer, requirement),
    reasonFor: ({ requirement, policies }) => (policies.length === 0 ? reasonFor(answer, requirement) : 'POLICY'),
    isPartial: (rows, field) => isPartial(answer, rows, field),
    isAskedAboutPersons: answer.askedAboutPersons,
    get likeness() {
      return likenessOf(answer);
    },
    keepsContract: true,
    withheldBy: { custodian: id, contact },
    viewer: credentials.viewer,
    headers: credentialHeaders(credentials, requestId),
  };
}

/** Answers are kept for some requests; none is written to. */
const likenesses = new WeakMap<AccessAnswer, string>();

/** What decisions follow from: not until when a grant is in force. */
function likenessOf(answer: AccessAnswer): string {
  let likeness = likenesses.get(answer);
  if (likeness === undefined) {
    const { grants, otherPurpose, expired } = answer;
    const decisive = JSON.stringify([grants.map(({ scopes, clears }) => [scopes, clears]), otherPurpose, expired]);
    likeness = createHash('sha256').update(decisive).digest('base64');
    likenesses.set(answer, likeness);
  }
  return likeness;
}
