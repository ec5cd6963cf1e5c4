import { HIDING_LABELS, type Label, type RecipientKind } from '../../protocol/labels.ts';
import { type Requirement, both, satisfies } from '../../protocol/requirements.ts';

/** A grant in force for the declared purpose, as row security and field rules need it. */
export interface GrantInForce {
  readonly id: string;
  readonly organisation: string;
  readonly recipientKind: RecipientKind;
  readonly scopes: ReadonlySet<string>;
  readonly clears: ReadonlySet<string>;
  readonly until: Date;
}

/** A distinct set of labels, with the consent that goes with them, and the small number that stands for both on a record. */
export interface LabelSet {
  readonly id: number;
  readonly labels: readonly Label[];
  /** To whom CONSENT_LIMITED records may be shown: kinds of recipients, and organisations by their ids. */
  readonly consent: readonly string[];
}

/**
 * What one viewer may see at this custodian during one request. One grant must do it all: a value is released only if a
 * single grant carries every scope it needs and clears every hiding label on its record; two half grants never add up.
 */
export class ViewerAccess {
  readonly grants: readonly GrantInForce[];
  readonly #labelSets: readonly LabelSet[];
  readonly #visible = new Map<string, ReadonlySet<number>>();
  readonly #through = new Map<string, ViewerAccess>();
  readonly #clearing = new Map<number, ViewerAccess>();

  constructor(grants: readonly GrantInForce[], labelSets: readonly LabelSet[]) {
    this.grants = grants;
    this.#labelSets = labelSets;
  }

  /** The numbers of the label sets under which one grant carries all of the requirements together. */
  visibleLabelSets(...requirements: readonly Requirement[]): ReadonlySet<number> {
    const needed = requirements.reduce(both, []);
    const key = JSON.stringify(needed);
    const known = this.#visible.get(key);
    if (known) return known;
    const carrying = this.grants.filter((grant) => satisfies(grant.scopes, needed));
    const visible = new Set(
      this.#labelSets.filter((set) => carrying.some((grant) => opens(grant, set))).map(({ id }) => id),
    );
    this.#visible.set(key, visible);
    return visible;
  }

  /** What one of the grants gives by itself; nothing where it is not in force. */
  through(id: string): ViewerAccess {
    const known = this.#through.get(id);
    if (known) return known;
    const own = new ViewerAccess(
      this.grants.filter((grant) => grant.id === id),
      this.#labelSets,
    );
    this.#through.set(id, own);
    return own;
  }

  /** The access by those grants alone that clear a label set as well: what hangs on a record is read with that record. */
  clearing(labelSet: number): ViewerAccess {
    const known = this.#clearing.get(labelSet);
    if (known) return known;
    const set = this.#labelSets.find(({ id }) => id === labelSet);
    const grants = set ? this.grants.filter((grant) => opens(grant, set)) : [];
    const access = new ViewerAccess(grants, this.#labelSets);
    this.#clearing.set(labelSet, access);
    return access;
  }

  /** Whether some grant in force carries the requirement at all, whatever the record. */
  carries(requirement: Requirement): boolean {
    return this.grants.some((grant) => satisfies(grant.scopes, requirement));
  }
}

/**
 * Whether a grant clears every hiding label of a set. CONSENT_LIMITED it clears only where the consent names its
 * holder's kind of recipient or organisation: one among a set, never one in an order.
 */
function opens({ clears, recipientKind, organisation }: GrantInForce, { labels, consent }: LabelSet): boolean {
  const consented = consent.includes(recipientKind) || consent.includes(organisation);
  return labels
    .filter((label) => HIDING_LABELS.includes(label))
    .every((label) => clears.has(label) && (label !== 'CONSENT_LIMITED' || consented));
}
