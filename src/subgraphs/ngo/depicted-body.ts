import {
  NAME_BEGINS,
  ArchiveDate,
  Facility,
  GuardedBy,
  LinkedPerson,
  PartialDate,
  Value,
  Where,
  equals,
  facility,
  facilityIs,
  isLinked,
  nameBeginsWith,
  namedValues,
  numberIs,
  oneAmong,
  oneOf,
  partialDate,
  recordSource,
  referenceIs,
  sortedFrom,
  sortedUntil,
  text,
} from 'amana/kit';
import { ID, InputType, ObjectType } from 'type-graphql';
import { BodyNumber, bodyNumbers } from './body-number.ts';
import { Person } from './person.ts';
import { Identifying, NgoRecord, Registered, Sensitive } from './record.ts';

const BodyCategory = namedValues('BodyCategory', ['DETAINEE', 'MILITARY', 'UNKNOWN'], 'Whose body photographs show.');

/** The body of one individual, as photographs show it. */
@ObjectType({ description: 'The body of one individual, as photographs show it.' })
export class DepictedBody extends NgoRecord {
  @Registered @Value(oneOf(BodyCategory)) category?: string;
  @Registered @Value(facility) facility?: Facility;
  @Registered
  @Value(text, { description: 'The facility as written, where it is no known one.' })
  facilityAsWritten?: string;
  @Registered @Value(partialDate) photographedOn?: PartialDate;
  @Identifying @Value(text, { description: 'The archive’s own number of the body.' }) reference?: string;
  @Identifying @Value(bodyNumbers) numbers?: BodyNumber[];
  @Identifying
  @Value(text, { description: 'A name written beside the body’s number on a ledger.' })
  nameOnLedger?: string;
  @Sensitive('medical') @Value(text) observations?: string;
  @Identifying @LinkedPerson(() => Person, 'Who was identified in these photographs.') person?: Person;
}

/** Which bodies are wanted; each filter needs the permission of the field that it reads. */
@InputType({ description: 'Which bodies are wanted. A filter needs the permission of the field that it reads.' })
export class DepictedBodyFilter {
  // Row security and index: `= any` on text is leakproof, depicted_bodies_by_id serves it.
  @GuardedBy('DepictedBody.id') @Where(() => [ID], oneAmong('id')) id?: string[];
  // Row security and index: `=` on text is leakproof, depicted_bodies_by_category serves it in the order of the list.
  @GuardedBy('DepictedBody.category') @Where(() => BodyCategory, equals('category')) category?: string;
  // Row security and index: as category, by depicted_bodies_by_facility.
  @GuardedBy('DepictedBody.facility')
  @Where(() => String, facilityIs('facility'), 'A facility by its code, its name or another name, in either language.')
  facility?: string;
  // Row security and index: `=` on text is leakproof, the index of each of the three columns serves its part.
  @GuardedBy('DepictedBody.numbers')
  @Where(() => String, numberIs('detainee_number', 'branch_number', 'hospital_number'), 'A number of any series.')
  number?: string;
  // Row security and index: comparing dates and texts is leakproof; it is a range of the index of the order.
  @GuardedBy('DepictedBody.photographedOn')
  @Where(() => ArchiveDate, sortedFrom('photographed_on'))
  photographedFrom?: string;
  // Row security and index: as photographedFrom.
  @GuardedBy('DepictedBody.photographedOn')
  @Where(() => ArchiveDate, sortedUntil('photographed_on'))
  photographedTo?: string;
  // Row security and index: comparing texts is leakproof; depicted_bodies_by_name and depicted_bodies_by_roman_name serve it as ranges.
  @GuardedBy('DepictedBody.nameOnLedger')
  @Where(() => String, nameBeginsWith(), NAME_BEGINS)
  name?: string;
  // Row security and index: `=` on text is leakproof, depicted_bodies_by_reference serves it.
  @GuardedBy('DepictedBody.reference') @Where(() => String, referenceIs()) reference?: string;
  // Row security and index: `=` on text is leakproof, links_by_record_id serves it for each row of the order.
  @GuardedBy('DepictedBody.person')
  @Where(() => Boolean, isLinked(), 'Whether it is known to you whom it is about.')
  linked?: boolean;
}

/** Where depicted bodies come from. */
export const depictedBodies = recordSource({
  subgraph: 'ngo',
  type: DepictedBody,
  table: 'depicted_bodies',
  filter: DepictedBodyFilter,
});
