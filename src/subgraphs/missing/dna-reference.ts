import { GuardedBy, One, Value, Where, equals, oneAmong, recordSource, referenceIs, text } from 'amana/kit';
import { ID, InputType, ObjectType } from 'type-graphql';
import { MissingPersonReport, missingPersonReports } from './missing-person-report.ts';
import { Identifying, MissingRecord, Sensitive } from './record.ts';

/** Whether there is a sample to compare with; the profile itself is in no schema. */
@ObjectType({ description: 'Whether there is a DNA sample to compare with. The profile is not served.' })
export class DnaReference extends MissingRecord {
  @Identifying @Value(text, { description: 'The number of the sample.' }) reference?: string;
  @Sensitive('medical') @Value(text, { description: 'How far the sample is.' }) sampleStatus?: string;
  @Sensitive('medical')
  @One(() => missingPersonReports, { from: 'report', to: 'id' }, 'The report of who is missing.')
  report?: MissingPersonReport;
}

/** Which DNA references are wanted; each filter needs the permission of the field that it reads. */
@InputType({
  description: 'Which DNA references are wanted. A filter needs the permission of the field that it reads.',
})
export class DnaReferenceFilter {
  // Row security and index: `= any` on text is leakproof, dna_references_by_id serves it.
  @GuardedBy('DnaReference.id') @Where(() => [ID], oneAmong('id')) id?: string[];
  // Row security and index: `=` on text is leakproof, dna_references_by_reference serves it.
  @GuardedBy('DnaReference.reference') @Where(() => String, referenceIs()) reference?: string;
  // Row security and index: `=` on text is leakproof, dna_references_by_status serves it in the order of the list.
  @GuardedBy('DnaReference.sampleStatus') @Where(() => String, equals('sample_status')) sampleStatus?: string;
}

/** Where DNA references come from. */
export const dnaReferences = recordSource({
  subgraph: 'missing',
  type: DnaReference,
  table: 'dna_references',
  filter: DnaReferenceFilter,
});
