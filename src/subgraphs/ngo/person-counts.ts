import { CountOf } from 'amana/kit';
import { ObjectType } from 'type-graphql';
import { depictedBodies } from './depicted-body.ts';
import { Identifying } from './record.ts';
import { testimonies } from './testimony.ts';

const links = { through: 'links' } as const;

/** How much an NGO holds about a person, kind by kind. */
@ObjectType({ description: 'How many records of each kind about a person you may see at this archive.' })
export class NgoCounts {
  @Identifying @CountOf(() => depictedBodies, links) depictedBodies?: number;
  @Identifying @CountOf(() => testimonies, links) testimonies?: number;
}
