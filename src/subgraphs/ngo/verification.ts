import { GuardedBy, Value, Where, equals, oneAmong, recordSource, referenceIs, text } from 'amana/kit';
import { ID, InputType, ObjectType } from 'type-graphql';
import { Identifying, NgoRecord, Registered } from './record.ts';

/** That somebody examined what an archive holds, how, and with which result. */
@ObjectType({ description: 'That somebody examined what an archive holds, how, and with which result.' })
export class Verification extends NgoRecord {
  @Registered @Value(text) status?: string;
  @Registered @Value(text, { description: 'How it was examined.' }) method?: string;
  @Registered @Value(text, { description: 'Who examined it.' }) organisation?: string;
  @Identifying @Value(text, { description: 'The archive’s own number of the verification.' }) reference?: string;
}

/** Which verifications are wanted; each filter needs the permission of the field that it reads. */
@InputType({ description: 'Which verifications are wanted. A filter needs the permission of the field that it reads.' })
export class VerificationFilter {
  // Row security and index: `= any` on text is leakproof, verifications_by_id serves it.
  @GuardedBy('Verification.id') @Where(() => [ID], oneAmong('id')) id?: string[];
  // Row security and index: `=` on text is leakproof, verifications_by_status serves it in the order of the list.
  @GuardedBy('Verification.status') @Where(() => String, equals('status')) status?: string;
  // Row security and index: as status, by verifications_by_organisation.
  @GuardedBy('Verification.organisation') @Where(() => String, equals('organisation')) organisation?: string;
  // Row security and index: `=` on text is leakproof, verifications_by_reference serves it.
  @GuardedBy('Verification.reference') @Where(() => String, referenceIs()) reference?: string;
  // Row security and index: `=` on text is leakproof, and read along the index of the order.
  @GuardedBy('Verification.method') @Where(() => String, equals('method')) method?: string;
}

/** Where verifications come from. */
export const verifications = recordSource({
  subgraph: 'ngo',
  type: Verification,
  table: 'verifications',
  filter: VerificationFilter,
});
