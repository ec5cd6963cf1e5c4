import { parse, visit } from 'graphql';
import { ARCHIVE } from './archive-schema.ts';
import type { LightFilter } from './light-archive.ts';

/** The scopes that a field needs, from the contract's own words. */
export function needsOf(coordinate: string): readonly string[] {
  return NEEDS.get(coordinate) ?? [];
}

const NEEDS = new Map<string, readonly string[]>();
visit(parse(ARCHIVE), {
  ObjectTypeDefinition: ({ name: type, fields = [] }) => {
    for (const { name, directives = [] } of fields) {
      const words = JSON.stringify(directives).match(/ngo:\w+/gu) ?? [];
      NEEDS.set(`${type.value}.${name.value}`, words);
    }
  },
});

/** The scopes that a filter needs: those of what it reads. */
export const needsOfFilter = (filter: LightFilter | null | undefined): readonly string[] =>
  Object.keys(filter ?? {}).flatMap((field) => needsOf(`Photograph.${field}`));
