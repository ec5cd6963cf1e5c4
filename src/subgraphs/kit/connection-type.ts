import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Inaccessible, type Tier, tiers } from './tiers.ts';
import { PageInfo } from './values.ts';

/** The class of a type's connection. */
export type ConnectionType = Function;

/**
 * The connection and the edge of a type (Relay Cursor Connections §2 and §3), with the tier R on what they hold; `name` is
 * the type's own, but for a type that other subgraphs have lists of, too, and `order` the tier of what the list is ordered
 * by, where that is another.
 */
export function connectionType(
  subgraph: string,
  type: Function,
  { name = type.name, order }: { readonly name?: string; readonly order?: Tier | undefined } = {},
): ConnectionType {
  const { Registered } = tiers(subgraph);
  const Ordering = order ?? Registered;

  @ObjectType(`${name}Edge`, { description: `One ${type.name} in a list.` })
  class Edge {
    @Registered
    @Field(() => type, { nullable: true })
    node?: object;

    @Field(() => String, {
      description: 'Where this record stands in the list; only good for you, this list and this filter.',
    })
    cursor!: string;

    @Ordering
    @Inaccessible
    @Field(() => String, { nullable: true, description: 'By what the list is ordered, then by recordId.' })
    sortKey?: string;

    @Registered
    @Inaccessible
    @Field(() => ID, { nullable: true, description: 'The id of the record; several rows of a list may tell of one.' })
    recordId?: string;
  }

  @ObjectType(`${name}Connection`, { description: `One page of a list of ${type.name} records.` })
  class Connection {
    @Registered
    @Field(() => [type], { nullable: true })
    nodes?: object[];

    @Registered
    @Field(() => [Edge], { nullable: true })
    edges?: Edge[];

    @Field(() => PageInfo)
    pageInfo!: PageInfo;

    @Registered
    @Field(() => Int, { nullable: true, description: 'How many records of the whole list you may see.' })
    totalCount?: number;
  }
  return Connection;
}
