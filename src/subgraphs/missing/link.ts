import {
  ArchiveDate,
  GuardedBy,
  PartialDate,
  PersonIn,
  Value,
  Where,
  decimal,
  equals,
  namedValues,
  numberIs,
  oneAmong,
  oneOf,
  partialDate,
  recordSource,
  sortedFrom,
  sortedUntil,
  text,
} from 'amana/kit';
import { ID, InputType, ObjectType } from 'type-graphql';
import { Person } from './person.ts';
import { Identifying, MissingRecord, Sensitive } from './record.ts';

const LinkState = namedValues(
  'LinkState',
  ['CANDIDATE', 'CONFIRMED', 'REJECTED', 'SPLIT'],
  'What the Authority decided about a link; only CONFIRMED links join records to persons.',
);

/** An entry of the link register: that a custodian's record is, or may be, about a person. */
@ObjectType({ description: 'An entry of the link register: that a custodian’s record is, or may be, about a person.' })
export class Link extends MissingRecord {
  @Sensitive('links') @Value(text, { description: 'The custodian that holds the record.' }) linkedCustodian?: string;
  @Sensitive('links')
  @Value(text, { description: 'That custodian’s own number of the record.' })
  recordReference?: string;
  @Sensitive('links') @Value(decimal, { description: 'From 0 to 1.' }) confidence?: number;
  @Sensitive('links') @Value(text, { description: 'What the link rests on.' }) basis?: string;
  @Sensitive('links') @Value(partialDate) decidedOn?: PartialDate;
  @Sensitive('links') @Value(oneOf(LinkState)) state?: string;
  @Identifying @PersonIn('person', () => Person, 'Whom the record is, or may be, about.') person?: Person;
}

/** Which links are wanted; each filter needs the permission of the field that it reads. */
@InputType({ description: 'Which links are wanted. A filter needs the permission of the field that it reads.' })
export class LinkFilter {
  // Row security and index: `= any` on text is leakproof, register_links_by_id serves it.
  @GuardedBy('Link.id') @Where(() => [ID], oneAmong('id')) id?: string[];
  // Row security and index: `=` on text is leakproof, register_links_by_state serves it in the order of the list.
  @GuardedBy('Link.state') @Where(() => LinkState, equals('state')) state?: string;
  // Row security and index: as state, by register_links_by_custodian.
  @GuardedBy('Link.linkedCustodian') @Where(() => String, equals('linked_custodian')) linkedCustodian?: string;
  // Row security and index: as state, by register_links_by_person.
  @GuardedBy('Link.person') @Where(() => ID, equals('person'), 'The link id of a person.') person?: string;
  // Row security and index: comparing dates and texts is leakproof; it is a range of the index of the order.
  @GuardedBy('Link.decidedOn') @Where(() => ArchiveDate, sortedFrom('decided_on')) decidedFrom?: string;
  // Row security and index: as decidedFrom.
  @GuardedBy('Link.decidedOn') @Where(() => ArchiveDate, sortedUntil('decided_on')) decidedTo?: string;
  // Row security and index: as state, by register_links_by_record.
  @GuardedBy('Link.recordReference')
  @Where(() => String, numberIs('record_reference'), 'A custodian’s own number of a record.')
  recordReference?: string;
}

/** Where the register's links come from. */
export const registerLinks = recordSource({
  subgraph: 'missing',
  type: Link,
  table: 'register_links',
  filter: LinkFilter,
});
