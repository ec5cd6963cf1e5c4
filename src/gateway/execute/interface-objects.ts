import { type GraphQLSchema, TypeNameMetaFieldDef, isAbstractType } from 'graphql';
import { isJsonObject } from '../json-object.ts';
import { ENTITIES } from './conform-answer.ts';
import type { FetchResult } from './fetch-part.ts';

/**
 * What entities were fetched, without the names of types that a subgraph has as objects and the supergraph as interfaces
 * (`@interfaceObject`): merged into an object, such a name would take the place of its own type's.
 */
export function withoutInterfaceNames(data: FetchResult['data'], supergraph: GraphQLSchema): FetchResult['data'] {
  const entities = data?.[ENTITIES];
  if (!Array.isArray(entities)) return data;
  const named = (entity: unknown): unknown => {
    if (!isJsonObject(entity)) return entity;
    const { [TypeNameMetaFieldDef.name]: name, ...others } = entity;
    return typeof name === 'string' && isAbstractType(supergraph.getType(name)) ? others : entity;
  };
  return { ...data, [ENTITIES]: entities.map(named) };
}
