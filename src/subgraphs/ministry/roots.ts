import { Root } from 'amana/kit';
import { Resolver } from 'type-graphql';
import { custodyTransfers } from './custody-transfer.ts';
import { deathCertificates } from './death-certificate.ts';
import { Registered } from './record.ts';

/** Where a query of the Ministry's records begins. */
@Resolver()
export class Roots {
  @Registered @Root(() => deathCertificates, 'The death certificates that you may see.') deathCertificates?: object;
  @Registered @Root(() => custodyTransfers, 'The custody transfers that you may see.') custodyTransfers?: object;
}
