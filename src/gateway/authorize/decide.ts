import type { AccessAnswer } from '../../protocol/access-answer.ts';
import { HIDING_LABELS } from '../../protocol/labels.ts';
import { type Requirement, satisfies } from '../../protocol/requirements.ts';
import type { WithheldReason } from '../withheld.ts';

type Grant = AccessAnswer['grants'][number];

/** Whether a single grant in force carries the requirement: two halves never add up. */
export const carries = (answer: AccessAnswer, requirement: Requirement): boolean =>
  requirement.length === 0 || clearing(answer, requirement).size > 0;

/** Why no grant carries it: what would have done, had its purpose, or its term, been another. */
export function reasonFor(answer: AccessAnswer, requirement: Requirement): WithheldReason {
  const { held, forOtherPurposes, atAnyTime } = standingOf(answer);
  if (satisfies(held, requirement)) return 'NO_GRANT';
  if (satisfies(forOtherPurposes, requirement)) return 'PURPOSE';
  return satisfies(atAnyTime, requirement) ? 'EXPIRED' : 'NO_GRANT';
}

/**
 * Whether records may be visible, under a grant that carries `rows`, on which no grant that carries `field` clears all
 * labels: then the field is withheld on those, whether or not there are any.
 */
export function isPartial(answer: AccessAnswer, rows: Requirement, field: Requirement): boolean {
  const reading = [...clearing(answer, field)];
  return [...clearing(answer, rows)].some((row) => !reading.some((cleared) => (row & ~cleared) === 0));
}

/** What follows from one answer. */
interface Standing {
  readonly grants: readonly { readonly scopes: ReadonlySet<string>; readonly cleared: number }[];
  /** Scopes that some grant in force has; with those held for other purposes; and with those held before. */
  readonly held: ReadonlySet<string>;
  readonly forOtherPurposes: ReadonlySet<string>;
  readonly atAnyTime: ReadonlySet<string>;
  readonly clearing: WeakMap<Requirement, ReadonlySet<number>>;
}

/**
 * How much is in an answer is the custodian's to say, and how often it is asked about the client's: each is gone through
 * once. Answers are kept for some requests; none is written to.
 */
const standings = new WeakMap<AccessAnswer, Standing>();

function standingOf(answer: AccessAnswer): Standing {
  const known = standings.get(answer);
  if (known) return known;
  const { grants, otherPurpose, expired } = answer;
  const held = new Set(grants.flatMap(({ scopes }) => scopes));
  const forOtherPurposes = new Set([...held, ...otherPurpose]);
  const standing = {
    grants: grants.map((grant) => ({ scopes: new Set(grant.scopes), cleared: clearedBy(grant) })),
    held,
    forOtherPurposes,
    atAnyTime: new Set([...forOtherPurposes, ...expired]),
    clearing: new WeakMap<Requirement, ReadonlySet<number>>(),
  };
  standings.set(answer, standing);
  return standing;
}

/** The distinct sets of hiding labels that grants clear which carry a requirement, one bit for each label. */
function clearing(answer: AccessAnswer, requirement: Requirement): ReadonlySet<number> {
  const standing = standingOf(answer);
  const known = standing.clearing.get(requirement);
  if (known) return known;
  const carrying = standing.grants.filter(({ scopes }) => satisfies(scopes, requirement));
  const cleared = new Set(carrying.map((grant) => grant.cleared));
  standing.clearing.set(requirement, cleared);
  return cleared;
}

const clearedBy = ({ clears }: Grant): number =>
  HIDING_LABELS.reduce((bits, label, at) => (clears.includes(label) ? bits | (1 << at) : bits), 0);
