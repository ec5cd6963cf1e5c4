import {
  NAME_BEGINS,
  GuardedBy,
  PersonName,
  Value,
  Where,
  equals,
  nameBeginsWith,
  oneAmong,
  personName,
  recordSource,
  referenceIs,
  text,
} from 'amana/kit';
import { ID, InputType, ObjectType } from 'type-graphql';
import { Identifying, MinistryRecord, Registered, Sensitive } from './record.ts';

/** The prosecution of somebody for what was done; it has no edge to a person, which would tell the accused past its scope. */
@ObjectType({ description: 'The prosecution of somebody for what was done.' })
export class Prosecution extends MinistryRecord {
  @Registered @Value(text) status?: string;
  @Registered @Value(text, { description: 'The court or the country that prosecutes.' }) jurisdiction?: string;
  @Identifying @Value(text, { description: 'The number of the prosecution.' }) reference?: string;
  @Sensitive('prosecution') @Value(personName) accused?: PersonName;
}

/** Which prosecutions are wanted; each filter needs the permission of the field that it reads. */
@InputType({ description: 'Which prosecutions are wanted. A filter needs the permission of the field that it reads.' })
export class ProsecutionFilter {
  // Row security and index: `= any` on text is leakproof, prosecutions_by_id serves it.
  @GuardedBy('Prosecution.id') @Where(() => [ID], oneAmong('id')) id?: string[];
  // Row security and index: `=` on text is leakproof, prosecutions_by_reference serves it.
  @GuardedBy('Prosecution.reference') @Where(() => String, referenceIs()) reference?: string;
  // Row security and index: `=` on text is leakproof, prosecutions_by_status serves it in the order of the list.
  @GuardedBy('Prosecution.status') @Where(() => String, equals('status')) status?: string;
  // Row security and index: as status, by prosecutions_by_jurisdiction.
  @GuardedBy('Prosecution.jurisdiction') @Where(() => String, equals('jurisdiction')) jurisdiction?: string;
  // Row security and index: comparing texts is leakproof; prosecutions_by_name and prosecutions_by_roman_name serve it as ranges.
  @GuardedBy('Prosecution.accused')
  @Where(() => String, nameBeginsWith(), NAME_BEGINS)
  name?: string;
}

/** Where prosecutions come from. */
export const prosecutions = recordSource({
  subgraph: 'ministry',
  type: Prosecution,
  table: 'prosecutions',
  filter: ProsecutionFilter,
});
