import { createHash } from 'node:crypto';
import type { AccessAnswer } from '../../protocol/access-answer.ts';
import type { Requirement } from '../../protocol/requirements.ts';
import type { Demand } from '../compose/demand.ts';
import { credentialHeaders } from '../custodian-credentials.ts';
import type { Custodian } from '../custodian-connection.ts';
import type { WithheldReason } from '../withheld.ts';
import type { CustodianAccess } from './ask-access.ts';
import { carries, isPartial, reasonFor } from './decide.ts';
import type { GivenAccess, SubgraphAccess } from './subgraph-access.ts';

/** A custodian's part: what its grants carry for a viewer whom it knows, so that `@authenticated` is met. */
export const grantsAccess = (custodian: Custodian, access: CustodianAccess, requestId: string): SubgraphAccess =>
  access.status === 'ANSWERED' ? new GrantsAccess(custodian, access, requestId) : access;

class GrantsAccess implements GivenAccess {
  readonly status = 'ANSWERED';
  readonly keepsContract = true;
  readonly viewer: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly #custodian: Custodian;
  readonly #answer: AccessAnswer;

  constructor(
    custodian: Custodian,
    { answer, credentials }: CustodianAccess & { readonly status: 'ANSWERED' },
    requestId: string,
  ) {
    this.viewer = credentials.viewer;
    this.headers = credentialHeaders(credentials, requestId);
    this.#custodian = custodian;
    this.#answer = answer;
  }

  /** No grant carries a policy; composition refuses them. */
  carries({ requirement, policies }: Demand): boolean {
    return policies.length === 0 && carries(this.#answer, requirement);
  }

  reasonFor({ requirement, policies }: Demand): WithheldReason {
    return policies.length === 0 ? reasonFor(this.#answer, requirement) : 'POLICY';
  }

  isPartial(rows: Requirement, field: Requirement): boolean {
    return isPartial(this.#answer, rows, field);
  }

  get withheldBy(): GivenAccess['withheldBy'] {
    return { custodian: this.#custodian.id, contact: this.#custodian.contact };
  }

  get likeness(): string {
    return likenessOf(this.#answer);
  }

  get isAskedAboutPersons(): boolean {
    return this.#answer.askedAboutPersons;
  }
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
