import {
  ArchiveDate,
  Facility,
  GuardedBy,
  ImageLink,
  One,
  PartialDate,
  Value,
  Where,
  equals,
  facility,
  facilityIs,
  imageLink,
  oneAmong,
  partialDate,
  recordSource,
  referenceIs,
  sortedFrom,
  sortedUntil,
  text,
} from 'amana/kit';
import { ID, InputType, ObjectType } from 'type-graphql';
import { Collection, collections } from './collection.ts';
import { DepictedBody, depictedBodies } from './depicted-body.ts';
import { Identifying, NgoRecord, Registered, Sensitive } from './record.ts';

/** A photograph of a body. */
@ObjectType({ description: 'A photograph of a body. Who took it is not served.' })
export class Photograph extends NgoRecord {
  @Registered @Value(partialDate) capturedOn?: PartialDate;
  @Registered @Value(facility) facility?: Facility;
  @Registered
  @Value(text, { description: 'The facility as written, where it is no known one.' })
  facilityAsWritten?: string;
  @Registered
  @One(() => collections, { from: 'collection', to: 'id' }, 'The collection it came with.')
  collection?: Collection;
  @Identifying @Value(text, { description: 'The archive’s own number of the photograph.' }) reference?: string;
  @Identifying @One(() => depictedBodies, { from: 'body', to: 'id' }, 'Whose body it shows.') body?: DepictedBody;
  @Sensitive('provenance') @Value(text, { description: 'Of the original file, in hexadecimal.' }) sha256?: string;
  @Sensitive('imagery') @Value(imageLink, { description: 'Its image, never the original.' }) image?: ImageLink;
}

const HASH = equals('sha256');

/** Which photographs are wanted; each filter needs the permission of the field that it reads. */
@InputType({ description: 'Which photographs are wanted. A filter needs the permission of the field that it reads.' })
export class PhotographFilter {
  // Row security and index: `= any` on text is leakproof, photographs_by_id serves it.
  @GuardedBy('Photograph.id') @Where(() => [ID], oneAmong('id')) id?: string[];
  // Row security and index: `=` on text is leakproof, photographs_by_collection serves it in the order of the list.
  @GuardedBy('Photograph.collection')
  @Where(() => ID, equals('collection'), 'The id of a collection.')
  collection?: string;
  // Row security and index: as collection, by photographs_by_facility.
  @GuardedBy('Photograph.facility')
  @Where(() => String, facilityIs('facility'), 'A facility by its code, its name or another name, in either language.')
  facility?: string;
  // Row security and index: `=` on text is leakproof, photographs_by_reference serves it.
  @GuardedBy('Photograph.reference') @Where(() => String, referenceIs()) reference?: string;
  // Row security and index: comparing dates and texts is leakproof; it is a range of the index of the order.
  @GuardedBy('Photograph.capturedOn') @Where(() => ArchiveDate, sortedFrom('captured_on')) capturedFrom?: string;
  // Row security and index: as capturedFrom.
  @GuardedBy('Photograph.capturedOn') @Where(() => ArchiveDate, sortedUntil('captured_on')) capturedTo?: string;
  // Row security and index: `=` on text is leakproof, photographs_by_hash serves it in the order of the list.
  @GuardedBy('Photograph.sha256')
  @Where(
    () => String,
    { ...HASH, of: (value) => HASH.of(String(value).toLowerCase()) },
    'Of the original file, in hexadecimal.',
  )
  sha256?: string;
}

/** Where photographs come from. */
export const photographs = recordSource({
  subgraph: 'ngo',
  type: Photograph,
  table: 'photographs',
  filter: PhotographFilter,
});
