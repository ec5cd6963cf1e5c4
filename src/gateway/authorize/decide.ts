import type { AccessAnswer } from '../../protocol/access-answer.ts';
import { HIDING_LABELS } from '../../protocol/labels.ts';
import { type Requirement, satisfies } from '../../protocol/requirements.ts';
import type { WithheldReason } from '../withheld.ts';

type Grant = AccessAnswer['grants'][number];

/** Whether a single grant in force carries the requirement: two halves never add up. */
export const carries = ({ grants }: AccessAnswer, requirement: Requirement): boolean =>
  requirement.length === 0 || grants.some((grant) => satisfies(scopesOf(grant), requirement));

/** Why no grant carries it: what would have done, had its purpose, or its term, been another. */
export function reasonFor({ grants, otherPurpose, expired }: AccessAnswer, requirement: Requirement): WithheldReason {
  const held = grants.flatMap(({ scopes }) => scopes);
  if (satisfies(new Set(held), requirement)) return 'NO_GRANT';
  if (satisfies(new Set([...held, ...otherPurpose]), requirement)) return 'PURPOSE';
  return satisfies(new Set([...held, ...otherPurpose, ...expired]), requirement) ? 'EXPIRED' : 'NO_GRANT';
}

/**
 * Whether records may be visible, under a grant that carries `rows`, on which no grant that carries `field` clears all
 * labels: then the field is withheld on those, whether or not there are any.
 */
export function isPartial({ grants }: AccessAnswer, rows: Requirement, field: Requirement): boolean {
  const reading = carrying(grants, field);
  return carrying(grants, rows).some((row) => !reading.some((grant) => clearsAllOf(grant, row)));
}

const carrying = (grants: readonly Grant[], requirement: Requirement): readonly Grant[] =>
  grants.filter((grant) => satisfies(scopesOf(grant), requirement));

/** Grants are kept for some requests; none is written to. */
const scopeSets = new WeakMap<Grant, ReadonlySet<string>>();

function scopesOf(grant: Grant): ReadonlySet<string> {
  const scopes = scopeSets.get(grant) ?? new Set(grant.scopes);
  scopeSets.set(grant, scopes);
  return scopes;
}

const clearsAllOf = (grant: Grant, other: Grant): boolean =>
  other.clears.every((label) => !HIDING_LABELS.includes(label) || grant.clears.includes(label));
