import { Root, type ViewerRequest } from 'amana/kit';
import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, ID, Info, Query, Resolver } from 'type-graphql';
import { anteMortemData } from './ante-mortem-data.ts';
import { dnaReferences } from './dna-reference.ts';
import { familyNotifications } from './family-notification.ts';
import { identificationDecisions } from './identification-decision.ts';
import { registerLinks } from './link.ts';
import { missingPersonReports } from './missing-person-report.ts';
import { knownPerson } from './known-person.ts';
import { Person } from './person.ts';
import { Identifying, Registered, Sensitive } from './record.ts';
import { relatives } from './relative.ts';

/** Where a query of the Authority's records begins. */
@Resolver()
export class Roots {
  @Identifying
  @Query(() => Person, {
    nullable: true,
    description: 'A person by link id; null also where you may not know of the person.',
  })
  person(
    @Arg('id', () => ID) id: string,
    @Ctx() request: ViewerRequest,
    @Info() info: GraphQLResolveInfo,
  ): Promise<object | null> {
    return knownPerson(id, request, info);
  }

  @Identifying
  @Query(() => [Person], {
    nullable: 'itemsAndList',
    description:
      'Persons by link id, 200 at most, in the order asked for; null in the place of one whom you may not know of.',
  })
  persons(
    @Arg('ids', () => [ID]) ids: string[],
    @Ctx() request: ViewerRequest,
    @Info() info: GraphQLResolveInfo,
  ): Promise<(object | null)[]> {
    return Promise.all(ids.map((id) => knownPerson(id, request, info)));
  }

  @Registered
  @Root(() => missingPersonReports, 'The reports of missing persons that you may see.')
  missingPersonReports?: object;
  @Identifying @Root(() => identificationDecisions, 'The decisions that you may see.') identificationDecisions?: object;
  @Sensitive('family')
  @Root(() => familyNotifications, 'The notifications that you may see.')
  familyNotifications?: object;
  @Sensitive('links') @Root(() => registerLinks, 'The link register, as far as you may see it.') links?: object;
  @Sensitive('family')
  @Root(() => relatives, 'The relatives who have consented to be shown to you.')
  relatives?: object;
  @Sensitive('medical') @Root(() => anteMortemData, 'The ante-mortem data that you may see.') anteMortemData?: object;
  @Sensitive('medical') @Root(() => dnaReferences, 'The DNA references that you may see.') dnaReferences?: object;
}
