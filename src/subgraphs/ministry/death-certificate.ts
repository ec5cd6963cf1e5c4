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
  flag,
  isLinked,
  mayLieFrom,
  mayLieUntil,
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

/** What a registry states about a death. */
@ObjectType({
  description: 'What a registry states about a death: an assertion, not the fact of a death. Causes were often false.',
})
export class DeathCertificate extends MinistryRecord {
  @Registered @Value(partialDate) registeredOn?: PartialDate;
  @Registered @Value(flag, { description: 'Whether somebody has disputed what it states.' }) disputed?: boolean;
  @Identifying @Value(text, { description: 'The number of the certificate.' }) reference?: string;
  @Identifying @Value(text) registryOffice?: string;
  @Identifying @Value(personName) name?: PersonName;
  @Identifying @Value(text, { description: 'The name of the mother.' }) mother?: string;
  @Identifying @Value(partialDate) born?: PartialDate;
  @Identifying @Value(partialDate) statedDate?: PartialDate;
  @Identifying @Value(facility) statedPlace?: Facility;
  @Identifying
  @Value(text, { description: 'The place as written, where it is no known facility.' })
  statedPlaceAsWritten?: string;
  @Sensitive('medical') @Value(text) statedCause?: string;
  @Identifying @LinkedPerson(() => Person, 'Whom the certificate is about.') person?: Person;
}

/** Which death certificates are wanted; each filter needs the permission of the field that it reads. */
@InputType({
  description: 'Which death certificates are wanted. A filter needs the permission of the field that it reads.',
})
export class DeathCertificateFilter {
  // Row security and index: `= any` on text is leakproof, death_certificates_by_id serves it.
  @GuardedBy('DeathCertificate.id') @Where(() => [ID], oneAmong('id')) id?: string[];
  // Row security and index: `=` on text is leakproof, death_certificates_by_reference serves it.
  @GuardedBy('DeathCertificate.reference') @Where(() => String, referenceIs()) reference?: string;
  // Row security and index: comparing texts is leakproof; death_certificates_by_name and death_certificates_by_roman_name serve it as ranges.
  @GuardedBy('DeathCertificate.name')
  @Where(() => String, nameBeginsWith(), NAME_BEGINS)
  name?: string;
  // Row security and index: comparing dates and texts is leakproof; it is a range of the index of the order.
  @GuardedBy('DeathCertificate.registeredOn')
  @Where(() => ArchiveDate, sortedFrom('registered_on'))
  registeredFrom?: string;
  // Row security and index: as registeredFrom.
  @GuardedBy('DeathCertificate.registeredOn')
  @Where(() => ArchiveDate, sortedUntil('registered_on'))
  registeredTo?: string;
  // Row security and index: `=` on boolean is leakproof, and read along the index of the order.
  @GuardedBy('DeathCertificate.disputed') @Where(() => Boolean, equals('disputed')) disputed?: boolean;
  // Row security and index: date comparison is leakproof; death_certificates_by_stated_date serves it as a range.
  @GuardedBy('DeathCertificate.statedDate') @Where(() => ArchiveDate, mayLieFrom('stated_date')) statedFrom?: string;
  // Row security and index: as statedFrom.
  @GuardedBy('DeathCertificate.statedDate') @Where(() => ArchiveDate, mayLieUntil('stated_date')) statedTo?: string;
  // Row security and index: date comparison is leakproof; death_certificates_by_birth serves it as a range.
  @GuardedBy('DeathCertificate.born') @Where(() => ArchiveDate, mayLieFrom('born')) bornFrom?: string;
  // Row security and index: as bornFrom.
  @GuardedBy('DeathCertificate.born') @Where(() => ArchiveDate, mayLieUntil('born')) bornTo?: string;
  // Row security and index: `=` on text is leakproof, death_certificates_by_place serves it in the order of the list.
  @GuardedBy('DeathCertificate.statedPlace')
  @Where(
    () => String,
    facilityIs('stated_place'),
    'A facility by its code, its name or another name, in either language.',
  )
  statedPlace?: string;
  // Row security and index: `=` on text is leakproof, links_by_record_id serves it for each row of the order.
  @GuardedBy('DeathCertificate.person')
  @Where(() => Boolean, isLinked(), 'Whether it is known to you whom it is about.')
  linked?: boolean;
}

/** Where death certificates come from. */
export const deathCertificates = recordSource({
  subgraph: 'ministry',
  type: DeathCertificate,
  table: 'death_certificates',
  filter: DeathCertificateFilter,
});
