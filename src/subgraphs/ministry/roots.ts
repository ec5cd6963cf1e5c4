import { Root } from 'amana/kit';
import { Resolver } from 'type-graphql';
import { courtFiles } from './court-file.ts';
import { custodyTransfers } from './custody-transfer.ts';
import { deathCertificates } from './death-certificate.ts';
import { detentionOrders } from './detention-order.ts';
import { prosecutions } from './prosecution.ts';
import { Registered } from './record.ts';

/** Where a query of the Ministry's records begins. */
@Resolver()
export class Roots {
  @Registered @Root(() => deathCertificates, 'The death certificates that you may see.') deathCertificates?: object;
  @Registered @Root(() => custodyTransfers, 'The custody transfers that you may see.') custodyTransfers?: object;
  @Registered @Root(() => courtFiles, 'The court files that you may see.') courtFiles?: object;
  @Registered @Root(() => detentionOrders, 'The detention orders that you may see.') detentionOrders?: object;
  @Registered @Root(() => prosecutions, 'The prosecutions that you may see.') prosecutions?: object;
}
