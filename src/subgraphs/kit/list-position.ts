import 'reflect-metadata';
import {
  type GraphQLField,
  type GraphQLSchema,
  type InputValueDefinitionNode,
  Kind,
  getNamedType,
  isObjectType,
  parse,
} from 'graphql';
import { Field, ID, InputType } from 'type-graphql';
import { z } from 'zod';
import { ListedError } from '../../protocol/errors.ts';
import { CustodianId } from '../../protocol/identifiers.ts';
import type { Place } from './record-source.ts';
import { Inaccessible } from './tiers.ts';

/** A place in the one order of a list that several custodians hold: by sort key, custodian and id, each by code points. */
@Inaccessible
@InputType({
  description:
    'A place in the one order of a list that several custodians hold: by sort key, custodian and id, each by code points.',
})
export class ListPosition {
  @Field(() => String, { description: 'The sort key of the row.' }) sortKey!: string;
  @Field(() => String, { description: 'The id of the custodian that holds it.' }) custodian!: string;
  @Field(() => ID, { description: 'The id of its record.' }) id!: string;
}

/** The argument of a list that takes a `ListPosition`. */
export const AFTER_RECORD = 'afterRecord';

const GivenPosition = z.object({ sortKey: z.string(), custodian: CustodianId, id: z.string() });

/**
 * The position after which a list is asked for, by its arguments; undefined where none is. Throws `BAD_USER_INPUT` where
 * a cursor is given besides, or its custodian cannot be one.
 */
export function positionIn(values: Readonly<Record<string, unknown>>): ListPosition | undefined {
  const { after, [AFTER_RECORD]: given } = values;
  if (given === undefined || given === null) return undefined;
  const position = GivenPosition.safeParse(given);
  if (!position.success || (after !== undefined && after !== null)) throw new ListedError('BAD_USER_INPUT');
  return position.data;
}

/** Where the rows of a custodian that come after a position begin: with those of its sort key, or after them, where the row is another custodian's. */
export function placeAfter({ sortKey, custodian, id }: ListPosition, own: string): Place {
  if (custodian === own) return { sortKey, id };
  return custodian < own ? { from: sortKey } : { beyond: sortKey };
}

/** Puts on every list's `afterRecord` which sort key it reads, which its declaration cannot know. The schema is changed in place. */
export function guardPositions(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap()).filter((type) => isObjectType(type))) {
    for (const field of Object.values(type.getFields())) {
      const argument = field.args.find(({ name }) => name === AFTER_RECORD);
      if (argument) argument.astNode = argumentNode(`${edgeOf(field)}.sortKey`);
    }
  }
}

function edgeOf(field: GraphQLField<unknown, unknown>): string {
  const connection = getNamedType(field.type);
  const edges = isObjectType(connection) ? connection.getFields()['edges'] : undefined;
  if (!edges) throw new TypeError(`${field.name} takes ${AFTER_RECORD} and is no connection.`);
  return getNamedType(edges.type).name;
}

function argumentNode(sortKey: string): InputValueDefinitionNode {
  const [type] = parse(
    `input I { ${AFTER_RECORD}: ListPosition @inaccessible @guardedBy(field: "${sortKey}") }`,
  ).definitions;
  const node = type?.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION ? type.fields?.[0] : undefined;
  if (!node) throw new TypeError(`${sortKey} is no coordinate.`);
  return node;
}
