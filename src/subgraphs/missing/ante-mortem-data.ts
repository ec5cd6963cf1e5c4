import {
  GuardedBy,
  One,
  Value,
  Where,
  atLeast,
  atMost,
  oneAmong,
  recordSource,
  referenceIs,
  text,
  whole,
} from 'amana/kit';
import { ID, InputType, Int, ObjectType } from 'type-graphql';
import { MissingPersonReport, missingPersonReports } from './missing-person-report.ts';
import { Identifying, MissingRecord, Sensitive } from './record.ts';

/** What is known of a missing person's body from life. */
@ObjectType({
  description: 'What is known of a missing person’s body from life, as the family or a physician told it.',
})
export class AnteMortemData extends MissingRecord {
  @Identifying @Value(text, { description: 'The number of the report that it belongs to.' }) reference?: string;
  @Sensitive('medical')
  @Value(whole, { description: 'In centimetres; what was told in feet, inches or metres is converted.' })
  heightCm?: number;
  @Sensitive('medical')
  @Value(text, { description: 'The height as written; a height told in whole feet is known to the foot only.' })
  heightAsWritten?: string;
  @Sensitive('medical') @Value(text) dental?: string;
  @Sensitive('medical') @Value(text) medical?: string;
  @Sensitive('medical') @Value(text) marks?: string;
  @Sensitive('medical') @Value(text) clothing?: string;
  @Sensitive('medical')
  @One(() => missingPersonReports, { from: 'report', to: 'id' }, 'The report of who is missing.')
  report?: MissingPersonReport;
}

/** Which ante-mortem data are wanted; each filter needs the permission of the field that it reads. */
@InputType({
  description: 'Which ante-mortem data are wanted. A filter needs the permission of the field that it reads.',
})
export class AnteMortemDataFilter {
  // Row security and index: `= any` on text is leakproof, ante_mortem_data_by_id serves it.
  @GuardedBy('AnteMortemData.id') @Where(() => [ID], oneAmong('id')) id?: string[];
  // Row security and index: `=` on text is leakproof, ante_mortem_data_by_reference serves it.
  @GuardedBy('AnteMortemData.reference') @Where(() => String, referenceIs()) reference?: string;
  // Row security and index: `>=` on integer is leakproof; ante_mortem_data_by_height serves it as a range.
  @GuardedBy('AnteMortemData.heightCm') @Where(() => Int, atLeast('height_cm')) heightFrom?: number;
  // Row security and index: as heightFrom.
  @GuardedBy('AnteMortemData.heightCm') @Where(() => Int, atMost('height_cm')) heightTo?: number;
}

/** Where ante-mortem data come from. */
export const anteMortemData = recordSource({
  subgraph: 'missing',
  type: AnteMortemData,
  table: 'ante_mortem_data',
  filter: AnteMortemDataFilter,
  order: Identifying,
});
