import {
  ArchiveDate,
  GuardedBy,
  LinkedPerson,
  PartialDate,
  Value,
  Where,
  equals,
  isLinked,
  oneAmong,
  partialDate,
  recordSource,
  referenceIs,
  sortedFrom,
  sortedUntil,
  text,
  textList,
} from 'amana/kit';
import { ID, InputType, ObjectType } from 'type-graphql';
import { Person } from './person.ts';
import { Identifying, NgoRecord, Registered, Sensitive } from './record.ts';

/** What a witness told; CONSENT_LIMITED. */
@ObjectType({ description: 'What a witness told. Neither the transcript nor who the witness is are served.' })
export class Testimony extends NgoRecord {
  @Registered @Value(partialDate) takenOn?: PartialDate;
  @Identifying @Value(text, { description: 'The archive’s own number of the testimony.' }) reference?: string;
  @Sensitive('testimony')
  @Value(text, { description: 'Under which name the witness speaks.' })
  witnessPseudonym?: string;
  @Sensitive('testimony') @Value(text) summary?: string;
  @Sensitive('testimony')
  @Value(textList, {
    description: 'To whom the witness consented: kinds of recipients, and organisations by their ids.',
  })
  consent?: string[];
  @Identifying @LinkedPerson(() => Person, 'Whom it speaks of.') person?: Person;
}

/** Which testimonies are wanted; each filter needs the permission of the field that it reads. */
@InputType({ description: 'Which testimonies are wanted. A filter needs the permission of the field that it reads.' })
export class TestimonyFilter {
  // Row security and index: `= any` on text is leakproof, testimonies_by_id serves it.
  @GuardedBy('Testimony.id') @Where(() => [ID], oneAmong('id')) id?: string[];
  // Row security and index: `=` on text is leakproof, testimonies_by_reference serves it.
  @GuardedBy('Testimony.reference') @Where(() => String, referenceIs()) reference?: string;
  // Row security and index: comparing dates and texts is leakproof; it is a range of the index of the order.
  @GuardedBy('Testimony.takenOn') @Where(() => ArchiveDate, sortedFrom('taken_on')) takenFrom?: string;
  // Row security and index: as takenFrom.
  @GuardedBy('Testimony.takenOn') @Where(() => ArchiveDate, sortedUntil('taken_on')) takenTo?: string;
  // Row security and index: `=` on text is leakproof, testimonies_by_witness serves it in the order of the list.
  @GuardedBy('Testimony.witnessPseudonym')
  @Where(() => String, equals('witness_pseudonym'))
  witnessPseudonym?: string;
  // Row security and index: `=` on text is leakproof, links_by_record_id serves it for each row of the order.
  @GuardedBy('Testimony.person')
  @Where(() => Boolean, isLinked(), 'Whether it is known to you whom it is about.')
  linked?: boolean;
}

/** Where testimonies come from. */
export const testimonies = recordSource({
  subgraph: 'ngo',
  type: Testimony,
  table: 'testimonies',
  filter: TestimonyFilter,
});
