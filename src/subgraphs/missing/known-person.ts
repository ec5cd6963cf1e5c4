import { type ViewerRequest, compile, sql } from 'amana/kit';
import type { GraphQLResolveInfo } from 'graphql';

/**
 * The person of a link id, where the viewer may see some record, decision or confirmed link that speaks of the person;
 * null otherwise, whether the person is unknown or hidden. All persons of a request are one statement.
 */
export async function knownPerson(
  id: string,
  request: ViewerRequest,
  info: GraphQLResolveInfo,
): Promise<object | null> {
  const labelSets = request.visibleTo(info);
  const batch = JSON.stringify(['known', [...labelSets]]);
  const known = await request.persons.load(batch, id, async (ids) => {
    const rows = await request.read<{ id: string }>(labelSets, spokenOf(ids));
    return new Map(rows.map((row) => [row.id, row.id]));
  });
  return known === undefined ? null : { id: known };
}

const spokenOf = (ids: readonly string[]) =>
  compile(sql`
    select person.id from unnest(${ids}::text[]) as person(id)
    where exists (select from links where links.person = person.id)
       or exists (select from identification_decisions decision where decision.person = person.id)
       or exists (select from register_links link where link.person = person.id and link.state = 'CONFIRMED')`);
