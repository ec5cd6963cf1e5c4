import {
  Facility,
  GuardedBy,
  LinkedPerson,
  PartialDate,
  Value,
  Where,
  anyEquals,
  equals,
  facility,
  namedValues,
  oneAmong,
  oneOf,
  partialDate,
  recordSource,
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
  // Row security and index: `= any` on text is leakproof, the primary key serves it.
  @GuardedBy('DepictedBody.id') @Where(() => [ID], oneAmong('id')) id?: string[];
  // Row security and index: `=` on text is leakproof, depicted_bodies_by_category serves it in the order of the list.
  @GuardedBy('DepictedBody.category') @Where(() => BodyCategory, equals('category')) category?: string;
  // Row security and index: as category, by depicted_bodies_by_facility.
  @GuardedBy('DepictedBody.facility')
  @Where(() => String, equals('facility'), 'The code of a facility.')
  facility?: string;
  // Row security and index: `=` on text is leakproof, the index of each of the three columns serves its part.
  @GuardedBy('DepictedBody.numbers')
  @Where(() => String, anyEquals('detainee_number', 'branch_number', 'hospital_number'), 'A number of any series.')
  number?: string;
}

/** Where depicted bodies come from. */
export const depictedBodies = recordSource({
  subgraph: 'ngo',
  type: DepictedBody,
  table: 'depicted_bodies',
  filter: DepictedBodyFilter,
});
