import { parse, visit } from 'graphql';
import type { LightFilter } from './light-archive.ts';

/** The scopes that a field (`Type.field`) needs. */
export type Needs = (coordinate: string) => readonly string[];

/** What fields need, from a contract's own words. */
export function neededScopes(contract: string): Needs {
  const needs = new Map<string, readonly string[]>();
  visit(parse(contract), {
    ObjectTypeDefinition: ({ name: type, fields = [] }) => {
      for (const { name, directives = [] } of fields) {
        const words = JSON.stringify(directives).match(/ngo:\w+/gu) ?? [];
        needs.set(`${type.value}.${name.value}`, words);
      }
    },
  });
  return (coordinate) => needs.get(coordinate) ?? [];
}

/** The scopes that a filter needs: those of what it reads. */
export const needsOfFilter = (needs: Needs, filter: LightFilter | null | undefined): readonly string[] =>
  Object.keys(filter ?? {}).flatMap((field) => needs(`Photograph.${field}`));
