import { recordFields, tiers } from 'amana/kit';

/** The tiers of an NGO's fields. */
export const { Registered, Identifying, Sensitive } = tiers('ngo');

/** What every record of an NGO carries. */
export const NgoRecord = recordFields('ngo');
