import {
  NAME_BEGINS,
  GuardedBy,
  One,
  PersonName,
  Value,
  Where,
  equals,
  flag,
  nameBeginsWith,
  oneAmong,
  personName,
  recordSource,
  referenceIs,
  text,
  textList,
} from 'amana/kit';
import { ID, InputType, ObjectType } from 'type-graphql';
import { MissingPersonReport, missingPersonReports } from './missing-person-report.ts';
import { Identifying, MissingRecord, Sensitive } from './record.ts';

/** Somebody of a missing person's family; CONSENT_LIMITED. */
@ObjectType({ description: 'Somebody of a missing person’s family. How they can be reached is not served.' })
export class Relative extends MissingRecord {
  @Identifying @Value(text, { description: 'The Authority’s own number of the relative.' }) reference?: string;
  @Sensitive('family') @Value(text, { description: 'What they are to the missing person.' }) kinship?: string;
  @Sensitive('family') @Value(personName) name?: PersonName;
  @Sensitive('family') @Value(flag, { description: 'Whether they want to be told news.' }) wantsNews?: boolean;
  @Sensitive('family') @Value(flag, { description: 'Whether they want to see images.' }) wantsImages?: boolean;
  @Sensitive('family')
  @Value(textList, { description: 'To whom they consented: kinds of recipients, and organisations by their ids.' })
  consent?: string[];
  @Sensitive('family')
  @One(() => missingPersonReports, { from: 'report', to: 'id' }, 'The report of who is missing.')
  report?: MissingPersonReport;
}

/** Which relatives are wanted; each filter needs the permission of the field that it reads. */
@InputType({ description: 'Which relatives are wanted. A filter needs the permission of the field that it reads.' })
export class RelativeFilter {
  // Row security and index: `= any` on text is leakproof, relatives_by_id serves it.
  @GuardedBy('Relative.id') @Where(() => [ID], oneAmong('id')) id?: string[];
  // Row security and index: `=` on text is leakproof, relatives_by_reference serves it.
  @GuardedBy('Relative.reference') @Where(() => String, referenceIs()) reference?: string;
  // Row security and index: `=` on text is leakproof, relatives_by_kinship serves it in the order of the list.
  @GuardedBy('Relative.kinship') @Where(() => String, equals('kinship')) kinship?: string;
  // Row security and index: comparing texts is leakproof; relatives_by_name and relatives_by_roman_name serve it as ranges.
  @GuardedBy('Relative.name')
  @Where(() => String, nameBeginsWith(), NAME_BEGINS)
  name?: string;
  // Row security and index: `=` on boolean is leakproof, and read along the index of the order.
  @GuardedBy('Relative.wantsNews') @Where(() => Boolean, equals('wants_news')) wantsNews?: boolean;
  // Row security and index: as wantsNews.
  @GuardedBy('Relative.wantsImages') @Where(() => Boolean, equals('wants_images')) wantsImages?: boolean;
}

/** Where relatives come from. */
export const relatives = recordSource({
  subgraph: 'missing',
  type: Relative,
  table: 'relatives',
  filter: RelativeFilter,
  order: Identifying,
});
