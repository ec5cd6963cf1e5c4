/** What may be put on one record or one link; a record is visible only under a grant that clears every hiding label on it. */
export const LABELS = ['COORDINATED', 'FAMILY_FIRST', 'CONSENT_LIMITED', 'SEALED', 'GRAPHIC'] as const;

export type Label = (typeof LABELS)[number];

/** The labels that hide a record. `GRAPHIC` does not: clearing it allows more of an image than its blurred derivative. */
export const HIDING_LABELS: readonly Label[] = ['COORDINATED', 'FAMILY_FIRST', 'CONSENT_LIMITED', 'SEALED'];

/** Who a grant's holder is, narrowest first; consent names a set of these, never an order. */
export const RECIPIENT_KINDS = ['AUTHORITY_ONLY', 'GOVERNMENT', 'COURT', 'NAMED_ORGANISATIONS', 'PUBLICATION'] as const;

export type RecipientKind = (typeof RECIPIENT_KINDS)[number];
