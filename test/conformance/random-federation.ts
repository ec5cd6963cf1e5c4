import { type GraphQLSchema, isObjectType } from 'graphql';
import { type PlainFederation, startPlainFederation } from '../attacks/plain-federation.ts';
import { temporaryDirectory, writeIn } from '../supergraph/run-gateway.ts';
import type { RandomSchema } from './random-schema.ts';
import { type TypedObject, valueOf } from './random-values.ts';

/** Serves a random schema: every subgraph knows what every field is, and has those that are its own. */
export function startRandomFederation({ subgraphs, whole }: RandomSchema): Promise<PlainFederation> {
  const policiesFile = writeIn(
    temporaryDirectory(),
    'policies.mjs',
    'export const policies = async ({ claims }) => claims?.policies ?? [];',
  );
  const parts = Object.entries(subgraphs).map(([name, sdl]) => [name, { sdl, resolvers: resolversOf(sdl, whole) }]);
  return startPlainFederation(Object.fromEntries(parts), { policiesFile });
}

function resolversOf(sdl: string, whole: GraphQLSchema): Record<string, object> {
  const defined = Object.values(whole.getTypeMap()).filter(
    (type) => isObjectType(type) && new RegExp(`type ${type.name}\\b`, 'u').test(sdl),
  );
  const objects = defined.map(({ name }) => [name, { ...fieldsOf(name, sdl, whole), __resolveReference: known }]);
  // The interface where it is one, and where it is an object that stands for all its types.
  const node = sdl.includes('@interfaceObject')
    ? {
        ...Object.fromEntries(['io', 'iv'].map((field) => [field, ({ id }: TypedObject) => valueOf(whole, id, field)])),
        __resolveReference: known,
      }
    : { __resolveReference: ({ id }: TypedObject) => ({ __typename: id, id }) };
  return { ...Object.fromEntries(objects), ...(sdl.includes('Node @') && { Node: node }) };
}

const known = (given: object): object => given;

function fieldsOf(name: string, sdl: string, whole: GraphQLSchema): object {
  const body = new RegExp(`type ${name}\\b[^{]*\\{([^}]*)\\}`, 'u').exec(sdl)?.[1] ?? '';
  const type = whole.getType(name);
  if (!isObjectType(type)) return {};
  const own = Object.keys(type.getFields()).filter((field) => new RegExp(`\\b${field}: `, 'u').test(body));
  return Object.fromEntries(own.map((field) => [field, () => valueOf(whole, name, field)]));
}
