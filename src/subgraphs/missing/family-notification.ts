import { GuardedBy, PersonIn, Value, Where, equals, flag, namedValues, oneAmong, oneOf, recordSource } from 'amana/kit';
import { ID, InputType, ObjectType } from 'type-graphql';
import { Person } from './person.ts';
import { Identifying, MissingRecord, Sensitive } from './record.ts';

const NotificationStatus = namedValues(
  'NotificationStatus',
  ['NOT_DUE', 'PENDING', 'ATTEMPTED', 'DELIVERED', 'DECLINED', 'CONTESTED'],
  'Whether the family has been told.',
);

/** How far a family has been told of an identification. */
@ObjectType({ description: 'How far a family has been told of an identification.' })
export class FamilyNotification extends MissingRecord {
  @Sensitive('family') @Value(oneOf(NotificationStatus)) status?: string;
  @Sensitive('family')
  @Value(flag, { description: 'Whether the family was offered support.' })
  supportOffered?: boolean;
  @Identifying @PersonIn('person', () => Person, 'Whose family it is.') person?: Person;
}

/** Which notifications are wanted; each filter needs the permission of the field that it reads. */
@InputType({ description: 'Which notifications are wanted. A filter needs the permission of the field that it reads.' })
export class FamilyNotificationFilter {
  // Row security and index: `= any` on text is leakproof, family_notifications_by_id serves it.
  @GuardedBy('FamilyNotification.id') @Where(() => [ID], oneAmong('id')) id?: string[];
  // Row security and index: `=` on text is leakproof, family_notifications_by_status serves it in the order of the list.
  @GuardedBy('FamilyNotification.status') @Where(() => NotificationStatus, equals('status')) status?: string;
  // Row security and index: as status, by family_notifications_by_person.
  @GuardedBy('FamilyNotification.person')
  @Where(() => ID, equals('person'), 'The link id of a person.')
  person?: string;
  // Row security and index: `=` on boolean is leakproof, and read along the index of the order.
  @GuardedBy('FamilyNotification.supportOffered')
  @Where(() => Boolean, equals('support_offered'))
  supportOffered?: boolean;
}

/** Where family notifications come from. */
export const familyNotifications = recordSource({
  subgraph: 'missing',
  type: FamilyNotification,
  table: 'family_notifications',
  filter: FamilyNotificationFilter,
  order: Identifying,
});
