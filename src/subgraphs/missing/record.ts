import { recordFields, tiers } from 'amana/kit';

/** The tiers of the Authority's fields. */
export const { Registered, Identifying, Sensitive } = tiers('missing');

/** What every record of the Authority carries. */
export const MissingRecord = recordFields('missing');
