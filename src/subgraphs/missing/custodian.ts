import type { CustodianDefinition } from 'amana/kit';
import { delivery } from './delivery.ts';
import { PersonEdges, ReportEdges } from './edges.ts';
import { Roots } from './roots.ts';

/** The National Authority for the Missing, which keeps the link register. */
export const missing: CustodianDefinition = {
  subgraph: 'missing',
  migrations: new URL('migrations/', import.meta.url),
  resolvers: [Roots, PersonEdges, ReportEdges],
  delivery,
};
