import 'reflect-metadata';
import { type GraphQLScalarLiteralParser, GraphQLScalarType, Kind } from 'graphql';
import { Directive, Field, ObjectType, registerEnumType } from 'type-graphql';
import { LABELS } from '../../protocol/labels.ts';

const enumOf = <Name extends string>(names: readonly Name[]): Readonly<Record<string, Name>> =>
  Object.fromEntries(names.map((name) => [name, name]));

/** Declares a GraphQL enum of the given names; each subgraph that uses it must give the same names. */
export function namedValues(name: string, names: readonly string[], description: string): object {
  const values = enumOf(names);
  registerEnumType(values, { name, description });
  return values;
}

export const ReviewStatus = namedValues(
  'ReviewStatus',
  ['PRELIMINARY', 'UNDER_REVIEW', 'VERIFIED', 'REFUTED', 'SUPERSEDED'],
  'How far a record has been reviewed. Everything that arrives is PRELIMINARY.',
);

export const Label = namedValues('Label', LABELS, 'What was put on one record or one link, and limits who may see it.');

export const DatePrecision = namedValues('DatePrecision', ['DAY', 'MONTH', 'YEAR'], 'How much of a date is known.');

export const DateBasis = namedValues('DateBasis', ['STATED', 'ESTIMATED', 'DERIVED'], 'Where a date comes from.');

/** A date as far as it is known, `2014`, `2014-03` or `2014-03-05`; anything else, also a day that no calendar has, is refused. */
export const ArchiveDate = new GraphQLScalarType<string, string>({
  name: 'ArchiveDate',
  description: 'A date as far as it is known: 2014, 2014-03 or 2014-03-05.',
  serialize: readArchiveDate,
  parseValue: readArchiveDate,
  parseLiteral: ((node) =>
    readArchiveDate(node.kind === Kind.STRING ? node.value : undefined)) satisfies GraphQLScalarLiteralParser<string>,
});

function readArchiveDate(value: unknown): string {
  const [, year, month = '01', day = '01'] = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/u.exec(String(value)) ?? [];
  const whole = `${year}-${month}-${day}`;
  const date = new Date(`${whole}T00:00:00Z`);
  // A day like 2015-02-30 would silently become the 2nd of March.
  if (Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== whole) {
    throw new TypeError('A date must be written 2014, 2014-03 or 2014-03-05.');
  }
  return String(value);
}

/** A date of an archive, which rarely knows the day; a made-up day would be a false statement. */
@ObjectType({
  description: 'A date of an archive, which rarely knows the day; a made-up day would be a false statement.',
})
@Directive('@shareable')
export class PartialDate {
  @Field(() => ArchiveDate) value!: string;
  @Field(() => DatePrecision) precision!: 'DAY' | 'MONTH' | 'YEAR';
  @Field(() => DateBasis, { nullable: true }) basis?: string;
}

/** The parts of a name that the Syrian civil register identifies a person by, each as far as it is known. */
@ObjectType({
  description: 'The parts of a name that the Syrian civil register identifies a person by, each as far as it is known.',
})
@Directive('@shareable')
export class PersonName {
  @Field(() => String, { nullable: true, description: 'The name as the source wrote it.' }) asWritten?: string;
  @Field(() => String, { nullable: true, description: 'The given name.' }) ism?: string;
  @Field(() => String, { nullable: true }) father?: string;
  @Field(() => String, { nullable: true }) grandfather?: string;
  @Field(() => String, { nullable: true }) family?: string;
  @Field(() => String, { nullable: true }) mother?: string;
  @Field(() => String, { nullable: true, description: 'The epithet.' }) laqab?: string;
  @Field(() => String, { nullable: true, description: 'The name in Latin script, where the source gave it.' })
  romanised?: string;
}

/** A place of detention, a hospital or another facility of the reference list that all custodians share. */
@ObjectType({
  description: 'A place of detention, a hospital or another facility of the reference list that all custodians share.',
})
@Directive('@shareable')
export class Facility {
  @Field(() => String) code!: string;
  @Field(() => String) nameEn!: string;
  @Field(() => String) nameAr!: string;
  @Field(() => String) agency!: string;
  @Field(() => String) kind!: string;
  @Field(() => String, { description: 'The code of its governorate.' }) governorate!: string;
  @Field(() => [String]) aliases!: string[];
}

/** Where a page of a connection stands (Relay Cursor Connections §4); pages go forward only. */
@ObjectType({ description: 'Where a page of a connection stands. Pages go forward only.' })
@Directive('@shareable')
export class PageInfo {
  @Field(() => Boolean) hasNextPage!: boolean;
  @Field(() => Boolean) hasPreviousPage!: boolean;
  @Field(() => String, { nullable: true }) startCursor?: string;
  @Field(() => String, { nullable: true }) endCursor?: string;
}
