import { type GraphQLSchema, getNamedType, isObjectType } from 'graphql';
import { Extensions } from 'type-graphql';
import { both, satisfies } from '../../protocol/requirements.ts';
import { type FieldRules, SchemaFault } from './field-rules.ts';

const KEY = 'amanaReads';

/** Says of a field which other fields' values (`Type.field`) it shows or counts. */
export const Reads = (coordinates: () => readonly string[]): PropertyDecorator => Extensions({ [KEY]: coordinates });

/**
 * Throws `SchemaFault` where a field shows or counts what other fields guard more strictly: what the field needs, with the
 * nodes of the list that it returns, must be enough for each field that it reads.
 */
export function refuseReadsBeyond(declared: GraphQLSchema, rules: FieldRules): void {
  for (const type of Object.values(declared.getTypeMap()).filter((type) => isObjectType(type))) {
    for (const field of Object.values(type.getFields())) {
      const read: unknown = field.extensions[KEY];
      if (!isReads(read)) continue;
      const coordinate = `${type.name}.${field.name}`;
      const nodes = rules.requirementOf(`${getNamedType(field.type).name}.nodes`);
      const granted = both(rules.requirementOf(coordinate), nodes).map((scopes) => new Set(scopes));
      for (const other of read()) {
        const needed = rules.requirementOf(other);
        if (needed.length === 0) throw new SchemaFault(`${coordinate} reads ${other}, which is no guarded field.`);
        if (granted.length === 0 || !granted.every((scopes) => satisfies(scopes, needed)))
          throw new SchemaFault(`${coordinate} reads ${other}, which needs more than ${coordinate} does.`);
      }
    }
  }
}

const isReads = (value: unknown): value is () => readonly string[] => typeof value === 'function';
