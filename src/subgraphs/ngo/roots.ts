import { Root } from 'amana/kit';
import { Resolver } from 'type-graphql';
import { collections } from './collection.ts';
import { custodyEvents } from './custody-event.ts';
import { depictedBodies } from './depicted-body.ts';
import { photographs } from './photograph.ts';
import { Registered } from './record.ts';
import { testimonies } from './testimony.ts';
import { verifications } from './verification.ts';

/** Where a query of an NGO's records begins. */
@Resolver()
export class Roots {
  @Registered @Root(() => collections, 'The collections that you may see.') collections?: object;
  @Registered
  @Root(() => depictedBodies, 'The bodies, as photographs show them, that you may see.')
  depictedBodies?: object;
  @Registered @Root(() => photographs, 'The photographs that you may see.') photographs?: object;
  @Registered
  @Root(() => testimonies, 'The testimonies whose witnesses consented to be heard by you.')
  testimonies?: object;
  @Registered
  @Root(() => custodyEvents, 'The chain of custody of the collections that you may see.')
  custodyEvents?: object;
  @Registered @Root(() => verifications, 'The verifications that you may see.') verifications?: object;
}
