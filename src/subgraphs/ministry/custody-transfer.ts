import {
  ArchiveDate,
  Facility,
  GuardedBy,
  LinkedPerson,
  PartialDate,
  Value,
  Where,
  facility,
  facilityIs,
  isLinked,
  numberIs,
  oneAmong,
  partialDate,
  recordSource,
  referenceIs,
  sortedFrom,
  sortedUntil,
  text,
} from 'amana/kit';
import { ID, InputType, ObjectType } from 'type-graphql';
import { Person } from './person.ts';
import { Identifying, MinistryRecord, Registered, Sensitive } from './record.ts';

/** The transfer of a detainee from one facility to another. */
@ObjectType({ description: 'The transfer of a detainee from one facility to another.' })
export class CustodyTransfer extends MinistryRecord {
  @Registered @Value(facility, { column: 'from_facility' }) from?: Facility;
  @Registered
  @Value(text, { description: 'The origin as written, where it is no known facility.' })
  fromAsWritten?: string;
  @Registered @Value(facility, { column: 'to_facility' }) to?: Facility;
  @Registered
  @Value(text, { description: 'The destination as written, where it is no known facility.' })
  toAsWritten?: string;
  @Registered @Value(partialDate) date?: PartialDate;
  @Identifying @Value(text, { description: 'The number of the transfer.' }) reference?: string;
  @Identifying @Value(text, { description: 'Unique only within a facility.' }) detaineeNumber?: string;
  @Sensitive('medical') @Value(text) conditionOnArrival?: string;
  @Identifying @LinkedPerson(() => Person, 'Who was transferred.') person?: Person;
}

/** Which custody transfers are wanted; each filter needs the permission of the field that it reads. */
@InputType({
  description: 'Which custody transfers are wanted. A filter needs the permission of the field that it reads.',
})
export class CustodyTransferFilter {
  // Row security and index: `= any` on text is leakproof, custody_transfers_by_id serves it.
  @GuardedBy('CustodyTransfer.id') @Where(() => [ID], oneAmong('id')) id?: string[];
  // Row security and index: `=` on text is leakproof, custody_transfers_by_reference serves it.
  @GuardedBy('CustodyTransfer.reference') @Where(() => String, referenceIs()) reference?: string;
  // Row security and index: `=` on text is leakproof, custody_transfers_by_origin serves it in the order of the list.
  @GuardedBy('CustodyTransfer.from')
  @Where(
    () => String,
    facilityIs('from_facility'),
    'A facility by its code, its name or another name, in either language.',
  )
  from?: string;
  // Row security and index: as from, by custody_transfers_by_destination.
  @GuardedBy('CustodyTransfer.to')
  @Where(
    () => String,
    facilityIs('to_facility'),
    'A facility by its code, its name or another name, in either language.',
  )
  to?: string;
  // Row security and index: comparing dates and texts is leakproof; it is a range of the index of the order.
  @GuardedBy('CustodyTransfer.date') @Where(() => ArchiveDate, sortedFrom('date')) dateFrom?: string;
  // Row security and index: as dateFrom.
  @GuardedBy('CustodyTransfer.date') @Where(() => ArchiveDate, sortedUntil('date')) dateTo?: string;
  // Row security and index: `=` on text is leakproof, custody_transfers_by_number serves it in the order of the list.
  @GuardedBy('CustodyTransfer.detaineeNumber')
  @Where(() => String, numberIs('detainee_number'))
  detaineeNumber?: string;
  // Row security and index: `=` on text is leakproof, links_by_record_id serves it for each row of the order.
  @GuardedBy('CustodyTransfer.person')
  @Where(() => Boolean, isLinked(), 'Whether it is known to you whom it is about.')
  linked?: boolean;
}

/** Where custody transfers come from. */
export const custodyTransfers = recordSource({
  subgraph: 'ministry',
  type: CustodyTransfer,
  table: 'custody_transfers',
  filter: CustodyTransferFilter,
});
