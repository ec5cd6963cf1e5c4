import { Counted, Counts, Events, Related } from 'amana/kit';
import { Resolver } from 'type-graphql';
import { Collection } from './collection.ts';
import { custodyEvents } from './custody-event.ts';
import { DepictedBody, depictedBodies } from './depicted-body.ts';
import { Person } from './person.ts';
import { NgoCounts } from './person-counts.ts';
import { ngoEvents } from './person-events.ts';
import { photographs } from './photograph.ts';
import { Identifying, Registered } from './record.ts';
import { testimonies } from './testimony.ts';

/** What an NGO holds about a person. */
@Resolver(() => Person)
export class PersonEdges {
  @Identifying
  @Related(() => depictedBodies, { through: 'links' }, 'The bodies identified as this person’s.')
  depictedBodies?: object;
  @Identifying
  @Related(() => testimonies, { through: 'links' }, 'The testimonies that speak of this person.')
  testimonies?: object;

  @Identifying
  @Events(() => ngoEvents, 'What the records of this archive tell of this person, in the order of time.')
  ngoEvents?: object;

  @Registered
  @Counts(() => NgoCounts, 'How many records of each kind there are about this person.')
  ngoCounts?: object;
}

/** What a collection holds. */
@Resolver(() => Collection)
export class CollectionEdges {
  @Registered @Related(() => photographs, { column: 'collection' }, 'Its photographs.') photographs?: object;
  @Registered
  @Related(() => custodyEvents, { column: 'collection' }, 'What was done with it since it came to the archive.')
  custodyEvents?: object;
  @Registered
  @Counted(() => photographs, { column: 'collection' }, 'How many of its photographs you may see.')
  size?: number;
}

/** What shows a body. */
@Resolver(() => DepictedBody)
export class DepictedBodyEdges {
  @Identifying @Related(() => photographs, { column: 'body' }, 'The photographs that show it.') photographs?: object;
}
