import { CountOf } from 'amana/kit';
import { ObjectType } from 'type-graphql';
import { courtFiles } from './court-file.ts';
import { custodyTransfers } from './custody-transfer.ts';
import { deathCertificates } from './death-certificate.ts';
import { detentionOrders } from './detention-order.ts';
import { Identifying } from './record.ts';

const links = { through: 'links' } as const;

/** How much the Ministry holds about a person, kind by kind. */
@ObjectType({ description: 'How many records of each kind about a person you may see at the Ministry.' })
export class MinistryCounts {
  @Identifying @CountOf(() => deathCertificates, links) deathCertificates?: number;
  @Identifying @CountOf(() => custodyTransfers, links) custodyTransfers?: number;
  @Identifying @CountOf(() => courtFiles, links) courtFiles?: number;
  @Identifying @CountOf(() => detentionOrders, links) detentionOrders?: number;
}
