import { type ValueKind, namedValues } from 'amana/kit';
import { Directive, Field, ObjectType } from 'type-graphql';

const NumberSeries = namedValues(
  'NumberSeries',
  ['DETAINEE', 'BRANCH', 'HOSPITAL', 'EXAMINATION'],
  'Who gave a number; a number is unique only within a facility and a series.',
);

/** A number written on a body or on a card beside it. */
@ObjectType({ description: 'A number written on a body or on a card beside it, as it was read.' })
@Directive('@shareable')
export class BodyNumber {
  @Field(() => String) value!: string;
  @Field(() => NumberSeries) series!: string;
  @Field(() => String, { nullable: true, description: 'How well the numbers could be read.' }) legibility?: string;
}

const COLUMNS = { DETAINEE: 'detainee_number', BRANCH: 'branch_number', HOSPITAL: 'hospital_number' };

/** The numbers of one body, each series in a column of its own. */
export const bodyNumbers: ValueKind = {
  type: () => [BodyNumber],
  columns: () => [...Object.values(COLUMNS), 'legibility'],
  read: ({ columns }) =>
    Object.entries(COLUMNS)
      .map(([series, column]) => ({ series, value: columns[column], legibility: columns['legibility'] }))
      .filter(({ value }) => value !== null),
};
