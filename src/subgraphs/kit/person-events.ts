import { Directive, ObjectType } from 'type-graphql';
import { columnOf } from './columns.ts';
import { connectionType } from './connection-type.ts';
import { keyColumn } from './key-column.ts';
import type { ListSource, RecordSource, Relation } from './record-source.ts';
import { type Sql, sql } from './sql.ts';
import { Value, custodianId, facility, oneOf, partialDate, recordId, text } from './value-kinds.ts';
import { Facility, PartialDate, namedValues } from './values.ts';

const KINDS = [
  'LAST_SEEN',
  'REPORTED_MISSING',
  'DETENTION_ORDERED',
  'TRANSFERRED',
  'COURT_FILE_OPENED',
  'DEATH_STATED',
  'DEATH_REGISTERED',
  'BODY_PHOTOGRAPHED',
  'TESTIMONY_GIVEN',
  'IDENTIFICATION_DECIDED',
] as const;

const PersonEventKind = namedValues(
  'PersonEventKind',
  KINDS,
  'What a record tells of a person. What is stated or registered is an assertion of who keeps the record.',
);

/** What one date of one record tells of a person; the same at every custodian, so that one timeline holds them all. */
@ObjectType({
  description:
    'What one date of one record tells of a person; the same at every custodian, so that one timeline holds them all.',
})
@Directive('@shareable')
export class PersonEvent {
  @Value(oneOf(PersonEventKind), { required: true }) kind!: string;
  @Value(partialDate, { description: 'When, as far as it is known; the list begins with the earliest possible day.' })
  at?: PartialDate;
  @Value(facility, { description: 'Where; of a transfer, where to.' }) facility?: Facility;
  @Value(text, { description: 'The place as written, where it is no known facility.' }) facilityAsWritten?: string;
  @Value(recordId, { required: true, description: 'The id of the record that tells it.' }) record!: string;
  @Value(custodianId, { required: true, description: 'The id of the custodian that holds the record.' })
  custodian!: string;
}

/** One kind of events: a date of a type's records, by the names of the fields that it reads. */
export interface EventKind {
  readonly kind: (typeof KINDS)[number];
  readonly of: RecordSource;
  /** The field of `Person` that leads to these records, and how they hang on a person. */
  readonly edge: string;
  readonly relation: Relation;
  readonly at: string;
  readonly facility?: string;
  readonly facilityAsWritten?: string;
}

/** Where the events of one custodian come from, and which fields they read. */
export interface EventSource extends ListSource {
  readonly reads: readonly string[];
}

interface Declaration {
  readonly subgraph: string;
  /** What the names of the list's types begin with. */
  readonly name: string;
  readonly events: readonly EventKind[];
}

/**
 * Declares where a custodian's events come from: one select over all kinds, in the order of the earliest possible day
 * (undated ones last), the kind and the record's id. An event is a row of its record and, where one leads to it, of its
 * link: row security hides it with either.
 */
export function personEvents({ subgraph, name, events }: Declaration): EventSource {
  return {
    name,
    type: PersonEvent,
    rows: sql`(${sql.join(events.map(rowsOf), sql` union all `)})`,
    isIndexed: false,
    connection: connectionType(subgraph, PersonEvent, { name }),
    reads: [...new Set(events.flatMap(readsOf))],
  };
}

function rowsOf({ kind, of, relation, at, ...places }: EventKind): Sql {
  const date = columnOf(of.type, at, partialDate);
  const place = places.facility === undefined ? undefined : columnOf(of.type, places.facility, facility);
  const written =
    places.facilityAsWritten === undefined ? undefined : columnOf(of.type, places.facilityAsWritten, text);
  const [owner, from] =
    'through' in relation
      ? // The link's labels are the record's and its own: by them both are seen.
        [
          sql`links`,
          sql`links join ${of.rows} as record on ${keyColumn('record.id')} = links.record_id and links.record_type = ${sql.lit(of.name)}`,
        ]
      : [sql`record`, sql`${of.rows} as record`];
  const person = 'through' in relation ? 'person' : relation.column;
  return sql`
    select ${owner}.${sql.ref(person)} as person, ${owner}.label_set, record.id, ${sql.lit(kind)} as kind,
        coalesce(to_char(${column(`${date}_from`)}, 'YYYY-MM-DD'), ${UNDATED}) || ${sql.lit(` ${kind}`)} as sort_key,
        ${column(`${date}_value`)} as at_value, ${column(`${date}_basis`)} as at_basis,
        ${column(place)} as facility, ${column(written)} as facility_as_written
      from ${from}`;
}

const UNDATED = sql.lit('9999-12-31');

const column = (name: string | undefined): Sql => (name === undefined ? sql`null::text` : sql.ref(`record.${name}`));

/** The fields by which the same could be read record by record. */
const readsOf = ({ of, edge, at, facility: place, facilityAsWritten }: EventKind): string[] => [
  `Person.${edge}`,
  `${of.name}Connection.nodes`,
  ...['id', 'custodian', at, place, facilityAsWritten].flatMap((field) =>
    field === undefined ? [] : `${of.name}.${field}`,
  ),
];
