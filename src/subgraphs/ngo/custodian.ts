import type { CustodianDefinition } from 'amana/kit';
import { delivery } from './delivery.ts';
import { CollectionEdges, DepictedBodyEdges, PersonEdges } from './edges.ts';
import { Roots } from './roots.ts';

/** An NGO or a media partner that holds collections of photographs. */
export const ngo: CustodianDefinition = {
  subgraph: 'ngo',
  migrations: new URL('migrations/', import.meta.url),
  resolvers: [Roots, PersonEdges, CollectionEdges, DepictedBodyEdges],
  delivery,
};
