import type { Requirement } from '../../../protocol/requirements.ts';
import type { ViewerAccess } from '../grants-in-force.ts';

/** A grant that gives an image, and what it gives of it. */
export interface ImageAccess {
  readonly grant: string;
  readonly variant: 'BLURRED' | 'REDUCED';
}

/**
 * The grant under which a record's image may be seen: one that carries the requirement and clears every hiding label on
 * the record. Only if that same grant clears GRAPHIC, too, it gives more than the blurred derivative.
 */
export function imageAccess(access: ViewerAccess, requirement: Requirement, labelSet: number): ImageAccess | undefined {
  const giving = access.grants.filter(({ id }) => access.through(id).visibleLabelSets(requirement).has(labelSet));
  const grant = giving.find(({ clears }) => clears.has('GRAPHIC')) ?? giving[0];
  return grant && { grant: grant.id, variant: grant.clears.has('GRAPHIC') ? 'REDUCED' : 'BLURRED' };
}
