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
  facility,
  facilityIs,
  isLinked,
  mayLieFrom,
  mayLieUntil,
  nameBeginsWith,
  oneAmong,
  partialDate,
  personName,
  recordSource,
  referenceIs,
  text,
} from 'amana/kit';
import { ID, InputType, ObjectType } from 'type-graphql';
import { Person } from './person.ts';
import { Identifying, MinistryRecord, Registered } from './record.ts';

/** An order to detain somebody. */
@ObjectType({ description: 'An order to detain somebody.' })
export class DetentionOrder extends MinistryRecord {
  @Registered @Value(facility, { description: 'The facility that issued it.' }) issuedBy?: Facility;
  @Registered
  @Value(text, { description: 'The issuer as written, where it is no known facility.' })
  issuedByAsWritten?: string;
  @Registered @Value(partialDate) date?: PartialDate;
  @Identifying @Value(text, { description: 'The number of the order.' }) reference?: string;
  @Identifying @Value(personName, { description: 'Who was to be detained, by name.' }) subject?: PersonName;
  @Identifying @Value(text) legalBasis?: string;
  @Identifying @LinkedPerson(() => Person, 'Who was to be detained.') person?: Person;
}

/** Which detention orders are wanted; each filter needs the permission of the field that it reads. */
@InputType({
  description: 'Which detention orders are wanted. A filter needs the permission of the field that it reads.',
})
export class DetentionOrderFilter {
  // Row security and index: `= any` on text is leakproof, detention_orders_by_id serves it.
  @GuardedBy('DetentionOrder.id') @Where(() => [ID], oneAmong('id')) id?: string[];
  // Row security and index: `=` on text is leakproof, detention_orders_by_reference serves it.
  @GuardedBy('DetentionOrder.reference') @Where(() => String, referenceIs()) reference?: string;
  // Row security and index: `=` on text is leakproof, detention_orders_by_facility serves it in the order of the list.
  @GuardedBy('DetentionOrder.issuedBy')
  @Where(() => String, facilityIs('issued_by'), 'A facility by its code, its name or another name, in either language.')
  issuedBy?: string;
  // Row security and index: date comparison is leakproof; detention_orders_by_date serves it as a range.
  @GuardedBy('DetentionOrder.date') @Where(() => ArchiveDate, mayLieFrom('date')) dateFrom?: string;
  // Row security and index: as dateFrom.
  @GuardedBy('DetentionOrder.date') @Where(() => ArchiveDate, mayLieUntil('date')) dateTo?: string;
  // Row security and index: comparing texts is leakproof; detention_orders_by_name and detention_orders_by_roman_name serve it as ranges.
  @GuardedBy('DetentionOrder.subject')
  @Where(() => String, nameBeginsWith(), NAME_BEGINS)
  name?: string;
  // Row security and index: `=` on text is leakproof, links_by_record_id serves it for each row of the order.
  @GuardedBy('DetentionOrder.person')
  @Where(() => Boolean, isLinked(), 'Whether it is known to you whom it is about.')
  linked?: boolean;
}

/** Where detention orders come from. */
export const detentionOrders = recordSource({
  subgraph: 'ministry',
  type: DetentionOrder,
  table: 'detention_orders',
  filter: DetentionOrderFilter,
});
