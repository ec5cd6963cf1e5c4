import { recordFields, tiers } from 'amana/kit';

/** The tiers of the Ministry's fields. */
export const { Registered, Identifying, Sensitive } = tiers('ministry');

/** What every record of the Ministry carries. */
export const MinistryRecord = recordFields('ministry');
