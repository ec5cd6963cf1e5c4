import { TypeInfo, getArgumentValues, isAbstractType, parse, visit, visitWithTypeInfo } from 'graphql';
import type { GivenHost } from './given-hosts.ts';
import { lightArchive } from './light-archive.ts';
import type { WireQuestion } from './light-host.ts';
import { type Needs, needsOfFilter } from './needed-scopes.ts';

const schema = lightArchive(() => ({ records: [], failing: new Map() }), 'none');

/** What a host is asked for that it does not grant, or that is another host's among those present, in a few words each. */
export function notTheirs(
  needsOf: Needs,
  { id: own, scopes, isAskedAboutPersons }: GivenHost,
  present: readonly string[],
  { query, variables }: WireQuestion,
): string[] {
  const typeInfo = new TypeInfo(schema);
  const found: string[] = [];
  visit(
    parse(query),
    visitWithTypeInfo(typeInfo, {
      Field: (node) => {
        const [parent, definition] = [typeInfo.getParentType(), typeInfo.getFieldDef()];
        const types = isAbstractType(parent) ? schema.getPossibleTypes(parent) : [parent];
        const { filter, like } = definition ? getArgumentValues(definition, node, variables) : {};
        const needs = [
          ...types.flatMap((type) => needsOf(`${type?.name}.${node.name.value}`)),
          ...[filter, like].flatMap((given) => needsOfFilter(needsOf, given ?? {})),
        ];
        if (!needs.every((need) => scopes?.includes(need))) found.push(node.name.value);
      },
    }),
  );
  // Where a page begins is after any host's record.
  const given = Object.entries(variables).filter(([name]) => !name.includes('__g_after_'));
  const words = JSON.stringify([query, given]);
  for (const [, id] of words.matchAll(/"([a-z-]+):\d*\\?"/gu))
    if (id && id !== own && present.includes(id)) found.push(id);
  if (!isAskedAboutPersons && words.includes('"__typename":"Person"')) found.push('Person');
  return found;
}
