import { Directive, Field, ID, ObjectType } from 'type-graphql';

/** One individual, by the Authority's link id; every custodian adds its own edges to it. */
@ObjectType({ description: 'One individual, by the link id that the Authority gave: opaque and random.' })
@Directive('@key(fields: "id")')
export class Person {
  @Field(() => ID) id!: string;
}
