import {
  ArchiveDate,
  GuardedBy,
  PartialDate,
  Value,
  Where,
  mayLieFrom,
  mayLieUntil,
  oneAmong,
  partialDate,
  recordSource,
  referenceIs,
  text,
} from 'amana/kit';
import { ID, InputType, ObjectType } from 'type-graphql';
import { Identifying, NgoRecord, Registered } from './record.ts';

/** Photographs that came to an archive together. */
@ObjectType({
  description: 'Photographs that came to an archive together. How they came, and through whom, is not served.',
})
export class Collection extends NgoRecord {
  @Registered @Value(text) title?: string;
  @Registered @Value(partialDate) periodStart?: PartialDate;
  @Registered @Value(partialDate) periodEnd?: PartialDate;
  @Registered @Value(text) medium?: string;
  @Identifying @Value(text, { description: 'The archive’s own number of the collection.' }) reference?: string;
}

/** Which collections are wanted; each filter needs the permission of the field that it reads. */
@InputType({ description: 'Which collections are wanted. A filter needs the permission of the field that it reads.' })
export class CollectionFilter {
  // Row security and index: `= any` on text is leakproof, collections_by_id serves it.
  @GuardedBy('Collection.id') @Where(() => [ID], oneAmong('id')) id?: string[];
  // Row security and index: date comparison is leakproof, and read along an index that begins with the label set: collections are few.
  @GuardedBy('Collection.periodEnd') @Where(() => ArchiveDate, mayLieFrom('period_end')) periodFrom?: string;
  // Row security and index: as periodFrom.
  @GuardedBy('Collection.periodStart') @Where(() => ArchiveDate, mayLieUntil('period_start')) periodTo?: string;
  // Row security and index: `=` on text is leakproof, collections_by_reference serves it.
  @GuardedBy('Collection.reference') @Where(() => String, referenceIs()) reference?: string;
}

/** Where collections come from. */
export const collections = recordSource({
  subgraph: 'ngo',
  type: Collection,
  table: 'collections',
  filter: CollectionFilter,
});
