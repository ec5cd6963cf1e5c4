import {
  NAME_BEGINS,
  ArchiveDate,
  Facility,
  GuardedBy,
  LinkedPerson,
  PartialDate,
  PersonName,
  Value,
  Where,
  equals,
  facility,
  facilityIs,
  isLinked,
  nameBeginsWith,
  oneAmong,
  partialDate,
  personName,
  recordSource,
  referenceIs,
  sortedFrom,
  sortedUntil,
  text,
} from 'amana/kit';
import { ID, InputType, ObjectType } from 'type-graphql';
import { Person } from './person.ts';
import { Identifying, MinistryRecord, Registered, Sensitive } from './record.ts';

/** What a court keeps about an accusation; SEALED where the court has sealed it. */
@ObjectType({
  description: 'What a court keeps about an accusation: what courts of that time asserted, not the truth.',
})
export class CourtFile extends MinistryRecord {
  @Registered @Value(facility) court?: Facility;
  @Registered
  @Value(text, { description: 'The court as written, where it is no known facility.' })
  courtAsWritten?: string;
  @Registered @Value(partialDate) filedOn?: PartialDate;
  @Registered @Value(text) status?: string;
  @Identifying @Value(text, { description: 'The number of the file.' }) reference?: string;
  @Identifying @Value(personName) accused?: PersonName;
  @Sensitive('sealed') @Value(text) charge?: string;
  @Sensitive('sealed') @Value(text) verdict?: string;
  @Sensitive('sealed') @Value(text) sentence?: string;
  @Identifying @LinkedPerson(() => Person, 'Who was accused.') person?: Person;
}

/** Which court files are wanted; each filter needs the permission of the field that it reads. */
@InputType({ description: 'Which court files are wanted. A filter needs the permission of the field that it reads.' })
export class CourtFileFilter {
  // Row security and index: `= any` on text is leakproof, court_files_by_id serves it.
  @GuardedBy('CourtFile.id') @Where(() => [ID], oneAmong('id')) id?: string[];
  // Row security and index: `=` on text is leakproof, court_files_by_reference serves it.
  @GuardedBy('CourtFile.reference') @Where(() => String, referenceIs()) reference?: string;
  // Row security and index: `=` on text is leakproof, court_files_by_court serves it in the order of the list.
  @GuardedBy('CourtFile.court')
  @Where(() => String, facilityIs('court'), 'A court by its code, its name or another name, in either language.')
  court?: string;
  // Row security and index: as court, by court_files_by_status.
  @GuardedBy('CourtFile.status') @Where(() => String, equals('status')) status?: string;
  // Row security and index: comparing dates and texts is leakproof; it is a range of the index of the order.
  @GuardedBy('CourtFile.filedOn') @Where(() => ArchiveDate, sortedFrom('filed_on')) filedFrom?: string;
  // Row security and index: as filedFrom.
  @GuardedBy('CourtFile.filedOn') @Where(() => ArchiveDate, sortedUntil('filed_on')) filedTo?: string;
  // Row security and index: comparing texts is leakproof; court_files_by_name and court_files_by_roman_name serve it as ranges.
  @GuardedBy('CourtFile.accused')
  @Where(() => String, nameBeginsWith(), NAME_BEGINS)
  name?: string;
  // Row security and index: `=` on text is leakproof, links_by_record_id serves it for each row of the order.
  @GuardedBy('CourtFile.person')
  @Where(() => Boolean, isLinked(), 'Whether it is known to you whom it is about.')
  linked?: boolean;
}

/** Where court files come from. */
export const courtFiles = recordSource({
  subgraph: 'ministry',
  type: CourtFile,
  table: 'court_files',
  filter: CourtFileFilter,
});
