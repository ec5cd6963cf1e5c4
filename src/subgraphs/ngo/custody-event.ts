import {
  ArchiveDate,
  GuardedBy,
  One,
  PartialDate,
  Value,
  Where,
  equals,
  namedValues,
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
import { Collection, collections } from './collection.ts';
import { Identifying, NgoRecord, Registered, Sensitive } from './record.ts';

const CustodyEventType = namedValues(
  'CustodyEventType',
  ['RECEIVED', 'COPIED', 'HASHED', 'TRANSFERRED', 'VERIFIED'],
  'What was done with a collection.',
);

/** A link of a collection's chain of custody. */
@ObjectType({ description: 'A link of a collection’s chain of custody. Who acted is not served.' })
export class CustodyEvent extends NgoRecord {
  @Registered @Value(oneOf(CustodyEventType)) type?: string;
  @Registered @Value(partialDate) at?: PartialDate;
  @Registered
  @One(() => collections, { from: 'collection', to: 'id' }, 'The collection that it was done with.')
  collection?: Collection;
  @Identifying @Value(text, { description: 'The archive’s own number of the event.' }) reference?: string;
  @Sensitive('provenance') @Value(text, { description: 'SHA-256 before it, in hexadecimal.' }) hashBefore?: string;
  @Sensitive('provenance') @Value(text, { description: 'SHA-256 after it, in hexadecimal.' }) hashAfter?: string;
}

/** Which custody events are wanted; each filter needs the permission of the field that it reads. */
@InputType({
  description: 'Which custody events are wanted. A filter needs the permission of the field that it reads.',
})
export class CustodyEventFilter {
  // Row security and index: `= any` on text is leakproof, custody_events_by_id serves it.
  @GuardedBy('CustodyEvent.id') @Where(() => [ID], oneAmong('id')) id?: string[];
  // Row security and index: `=` on text is leakproof, custody_events_by_collection serves it in the order of the list.
  @GuardedBy('CustodyEvent.collection')
  @Where(() => ID, equals('collection'), 'The id of a collection.')
  collection?: string;
  // Row security and index: as collection, by custody_events_by_type.
  @GuardedBy('CustodyEvent.type') @Where(() => CustodyEventType, equals('type')) type?: string;
  // Row security and index: comparing dates and texts is leakproof; it is a range of the index of the order.
  @GuardedBy('CustodyEvent.at') @Where(() => ArchiveDate, sortedFrom('at')) from?: string;
  // Row security and index: as from.
  @GuardedBy('CustodyEvent.at') @Where(() => ArchiveDate, sortedUntil('at')) to?: string;
  // Row security and index: `=` on text is leakproof, custody_events_by_reference serves it.
  @GuardedBy('CustodyEvent.reference') @Where(() => String, referenceIs()) reference?: string;
}

/** Where custody events come from. */
export const custodyEvents = recordSource({
  subgraph: 'ngo',
  type: CustodyEvent,
  table: 'custody_events',
  filter: CustodyEventFilter,
});
