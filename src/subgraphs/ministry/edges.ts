import { Counts, Events, Related } from 'amana/kit';
import { Resolver } from 'type-graphql';
import { courtFiles } from './court-file.ts';
import { custodyTransfers } from './custody-transfer.ts';
import { deathCertificates } from './death-certificate.ts';
import { detentionOrders } from './detention-order.ts';
import { Person } from './person.ts';
import { MinistryCounts } from './person-counts.ts';
import { ministryEvents } from './person-events.ts';
import { Identifying, Registered } from './record.ts';

const links = { through: 'links' } as const;

/** What the Ministry holds about a person. */
@Resolver(() => Person)
export class PersonEdges {
  @Identifying
  @Related(() => deathCertificates, links, 'The death certificates about this person.')
  deathCertificates?: object;
  @Identifying @Related(() => custodyTransfers, links, 'The transfers of this person.') custodyTransfers?: object;
  @Identifying @Related(() => courtFiles, links, 'The court files about this person.') courtFiles?: object;
  @Identifying
  @Related(() => detentionOrders, links, 'The orders to detain this person.')
  detentionOrders?: object;

  @Identifying
  @Events(() => ministryEvents, 'What the records of the Ministry tell of this person, in the order of time.')
  ministryEvents?: object;

  @Registered
  @Counts(() => MinistryCounts, 'How many records of each kind there are about this person.')
  ministryCounts?: object;
}
