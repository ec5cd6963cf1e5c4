import { type GraphQLField, type GraphQLSchema, defaultFieldResolver, isObjectType } from 'graphql';
import { type Requirement, both } from '../../protocol/requirements.ts';
import { fieldError } from './field-error.ts';
import { ConnectionRead, CountsRead, EdgeRead } from './connection-read.ts';
import type { FieldRules } from './field-rules.ts';
import { RecordRow } from './record-row.ts';
import type { ViewerRequest } from './viewer-request.ts';

/**
 * Stands before every guarded field of a schema: what the viewer may not see becomes null with the code
 * `FIELD_WITHHELD`, whatever its resolver would have done, and is entered in the account. The schema is changed in place.
 */
export function enforceFieldRules(schema: GraphQLSchema, rules: FieldRules): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`;
      const requirement = rules.requirementOf(coordinate);
      if (requirement.length > 0) guard(field, coordinate, requirement);
    }
  }
}

function guard(field: GraphQLField<unknown, ViewerRequest>, coordinate: string, requirement: Requirement): void {
  const resolve = field.resolve ?? defaultFieldResolver;
  field.resolve = (source, values, request, info) => {
    if (mayLeave(source, requirement, request)) return resolve(source, values, request, info);
    request.account.withheld.add(coordinate);
    throw fieldError('FIELD_WITHHELD');
  };
}

/** One grant must do it all: carry the scopes and, on a record, clear its labels; in a list or among counts, open these as well. */
function mayLeave(source: unknown, requirement: Requirement, { access }: ViewerRequest): boolean {
  if (source instanceof RecordRow) return access.visibleLabelSets(requirement).has(source.labelSet);
  return access.carries(both(inheritedBy(source), requirement));
}

const inheritedBy = (source: unknown): Requirement =>
  source instanceof ConnectionRead || source instanceof EdgeRead || source instanceof CountsRead
    ? source.requirement
    : [];
