import type { FetchDataRewrite, QueryPlanSelectionNode } from '@apollo/query-planner';
import { type GraphQLSchema, Kind, TypeNameMetaFieldDef, isCompositeType } from 'graphql';
import { type JsonObject, isJsonObject } from '../json-object.ts';
import type { Representation } from './entity-keys.ts';
import { mergeValues } from './merge-values.ts';
import { appliesTo } from './selected-fields.ts';

/**
 * What names an entity to another subgraph (Federation subgraph specification, `_entities`): what the plan requires of the
 * object; undefined where it lacks some of that, so that the subgraph is not asked for it.
 */
export function representationOf(
  schema: GraphQLSchema,
  object: JsonObject,
  requires: readonly QueryPlanSelectionNode[],
): (Representation & Record<string, unknown>) | undefined {
  const required = requiredOf(schema, object, requires);
  const typename = required?.[TypeNameMetaFieldDef.name];
  return typeof typename === 'string' ? { ...required, __typename: typename } : undefined;
}

function requiredOf(
  schema: GraphQLSchema,
  object: JsonObject,
  requires: readonly QueryPlanSelectionNode[],
): Record<string, unknown> | null {
  const required: Record<string, unknown> = {};
  for (const selection of requires) {
    if (selection.kind === Kind.FIELD) {
      const key = selection.alias ?? selection.name;
      if (!Object.hasOwn(object, key) || object[key] === undefined) return null;
      required[key] = requiredValue(schema, object[key], selection.selections);
    } else if (selection.typeCondition !== undefined && isOfType(schema, object, selection.typeCondition)) {
      mergeValues(required, requiredOf(schema, object, selection.selections) ?? {});
    }
  }
  return required;
}

function requiredValue(
  schema: GraphQLSchema,
  value: unknown,
  requires: readonly QueryPlanSelectionNode[] | undefined,
): unknown {
  if (!requires) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => requiredValue(schema, item, requires));
  return isJsonObject(value) ? requiredOf(schema, value, requires) : null;
}

/** Changes names and values as a plan says that what a subgraph is handed, or has answered, is to be changed. */
export function rewriteValues(
  schema: GraphQLSchema,
  rewrites: readonly FetchDataRewrite[] | undefined,
  values: JsonObject,
): void {
  for (const rewrite of rewrites ?? []) {
    const last = rewrite.path.at(-1);
    if (last !== undefined) rewriteAt(schema, rewrite, rewrite.path.slice(0, -1), last, values);
  }
}

const NARROWING = '... on ';

function rewriteAt(
  schema: GraphQLSchema,
  rewrite: FetchDataRewrite,
  path: readonly string[],
  name: string,
  value: unknown,
): void {
  if (Array.isArray(value)) for (const item of value) rewriteAt(schema, rewrite, path, name, item);
  if (!isJsonObject(value)) return;
  const [step, ...rest] = path;
  if (step === undefined) rewriteOne(rewrite, name, value);
  else if (!step.startsWith(NARROWING)) rewriteAt(schema, rewrite, rest, name, value[step]);
  else if (isOfType(schema, value, step.slice(NARROWING.length), true)) rewriteAt(schema, rewrite, rest, name, value);
}

function rewriteOne(rewrite: FetchDataRewrite, name: string, object: Record<string, unknown>): void {
  if (rewrite.kind === 'ValueSetter') object[name] = rewrite.setValueTo;
  else if (Object.hasOwn(object, name)) {
    object[rewrite.renameKeyTo] = object[name];
    delete object[name];
  }
}

/** Whether an object is of a type; `unlessTold` answers for one that does not tell its own. */
function isOfType(schema: GraphQLSchema, object: JsonObject, condition: string, unlessTold = false): boolean {
  const name = object[TypeNameMetaFieldDef.name];
  if (typeof name !== 'string') return unlessTold;
  if (name === condition) return true;
  const type = schema.getType(name);
  return isCompositeType(type) && appliesTo(schema, schema.getType(condition), type);
}
