import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import type { FieldNeed, SupergraphSnapshot } from './supergraph-snapshot.ts';
import { withoutElements } from './without-elements.ts';

/** What could be given to some viewers, whatever the grants: one object for all who are alike, since schemas are kept by it. */
export interface Attainable {
  /** Whether a grant, or a token and policies, could ever meet what one subgraph demands. */
  canMeet(need: FieldNeed): boolean;
  /** Fields (`Type.field`) that are never answered to these viewers, although nothing guards them. */
  readonly never: ReadonlySet<string>;
}

type Owner = GraphQLObjectType | GraphQLInterfaceType;
type Field = GraphQLField<unknown, unknown>;

const known = new WeakMap<SupergraphSnapshot, WeakMap<Attainable, GraphQLSchema>>();

/**
 * The public schema as some viewers are shown it ("Schema Introspection"): without what no grant at all could give them.
 * A convenience, and no protection: whatever anybody asks is validated against the whole of it. Kept by snapshot and by
 * what is attainable.
 */
export function shownSchema(snapshot: SupergraphSnapshot, attainable: Attainable): GraphQLSchema {
  const schemas = known.get(snapshot) ?? new WeakMap<Attainable, GraphQLSchema>();
  known.set(snapshot, schemas);
  const shown = schemas.get(attainable) ?? withoutElements(snapshot.apiSchema, unattainable(snapshot, attainable));
  schemas.set(attainable, shown);
  return shown;
}

/** The coordinates of the fields, arguments and input fields that cannot be given or used. */
function unattainable(snapshot: SupergraphSnapshot, { canMeet, never }: Attainable): ReadonlySet<string> {
  const { apiSchema, supergraphSchema } = snapshot;
  const canRead = (coordinate: string): boolean => {
    const [type = '', field = ''] = coordinate.split('.');
    const parent = supergraphSchema.getType(type);
    return !isOwner(parent) || (!never.has(coordinate) && snapshot.needs(parent, field).every(canMeet));
  };
  const canGive = (parent: Owner, field: Field, { name }: GraphQLArgument): boolean =>
    snapshot.argumentGuards(parent, field.name, name).every(canRead);
  const canAsk = (parent: Owner, field: Field): boolean =>
    canRead(`${parent.name}.${field.name}`) &&
    field.args.every((argument) => !isRequiredArgument(argument) || canGive(parent, field, argument)) &&
    // An interface does not show what one of its types does not.
    implementationsOf(parent).every((type) => canAsk(type, type.getFields()[field.name] ?? field));
  const implementationsOf = (type: Owner): readonly Owner[] => {
    if (!isInterfaceType(type)) return [];
    const { objects, interfaces } = apiSchema.getImplementations(type);
    return [...interfaces, ...objects];
  };

  const found = new Set<string>();
  for (const type of Object.values(apiSchema.getTypeMap())) {
    if (isInputObjectType(type)) {
      for (const { name } of Object.values(type.getFields()))
        if (!snapshot.inputFieldGuards(type.name, name).every(canRead)) found.add(`${type.name}.${name}`);
    }
    if (!isOwner(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`;
      if (!canAsk(type, field)) found.add(coordinate);
      for (const argument of field.args)
        if (!canGive(type, field, argument)) found.add(`${coordinate}(${argument.name}:)`);
    }
  }
  return found;
}

const isOwner = (type: unknown): type is Owner => isObjectType(type) || isInterfaceType(type);
