import type { CustodianDefinition } from 'amana/kit';
import { delivery } from './delivery.ts';
import { PersonEdges } from './edges.ts';
import { Roots } from './roots.ts';

/** The Ministry of Justice. */
export const ministry: CustodianDefinition = {
  subgraph: 'ministry',
  migrations: new URL('migrations/', import.meta.url),
  resolvers: [Roots, PersonEdges],
  delivery,
};
