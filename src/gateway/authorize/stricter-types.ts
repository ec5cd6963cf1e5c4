import { type GraphQLObjectType, isAbstractType, isNonNullType, TypeNameMetaFieldDef } from 'graphql';
import type { SupergraphSnapshot } from '../compose/supergraph-snapshot.ts';
import type { AskedField } from '../resolve/expand-selections.ts';

type FieldOn = Pick<AskedField, 'parent' | 'definition'>;

/** The types that an object may have on which a field is asked for. */
const typesOf = ({ apiSchema }: SupergraphSnapshot, { parent }: FieldOn): readonly GraphQLObjectType[] =>
  isAbstractType(parent) ? apiSchema.getPossibleTypes(parent) : [parent];

/**
 * The types on which a field takes no null: an object's own definition decides, and not that of the interface on which
 * the field is asked for ("Handling Execution Errors").
 */
export const stricterTypes = (snapshot: SupergraphSnapshot, field: FieldOn): readonly GraphQLObjectType[] =>
  field.definition === TypeNameMetaFieldDef
    ? typesOf(snapshot, field)
    : typesOf(snapshot, field).filter((type) => isNonNullType(type.getFields()[field.definition.name]?.type));
