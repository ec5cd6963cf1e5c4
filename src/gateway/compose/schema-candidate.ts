import { composeServices } from '@apollo/composition';
import { OWN_SCHEMA, OWN_SUBGRAPH } from './own-schema.ts';
import { type ServedSchema, type SubgraphSchema, parseSubgraphSchema } from './subgraph-schema.ts';
import { SupergraphSnapshot } from './supergraph-snapshot.ts';
import type { GoneGuard } from './weakened-guards.ts';

/** What may take effect: the schemas of all custodians as they would be, beside those in force now. */
export interface Proposal {
  readonly schemas: readonly ServedSchema[];
  readonly inForce: readonly (ServedSchema & { readonly gone?: readonly GoneGuard[] })[];
  /** What was asked lately: documents without names and values. */
  readonly operations: readonly string[];
}

/** A proposal as the checks look at it: parsed at once, composed when the first check asks for that. */
export class Candidate {
  readonly custodians: readonly SubgraphSchema[];
  /** The gateway's own. */
  readonly own: SubgraphSchema;
  readonly inForce: readonly (SubgraphSchema & { readonly gone?: readonly GoneGuard[] })[];
  readonly operations: readonly string[];
  #composed: { readonly supergraph?: string; readonly faults: readonly string[] } | undefined;
  #built: { readonly snapshot: SupergraphSnapshot; readonly after: number } | undefined;
  #former: SupergraphSnapshot | undefined;

  /** Throws `CompositionError` where a schema is not SDL. */
  constructor({ schemas, inForce, operations }: Proposal) {
    this.custodians = schemas.map(parseSubgraphSchema);
    this.own = parseSubgraphSchema({ subgraph: OWN_SUBGRAPH, url: '', sdl: OWN_SCHEMA });
    this.inForce = inForce.map((served) => ({ ...served, ...parseSubgraphSchema(served) }));
    this.operations = operations;
  }

  /** The supergraph (SDL, in an order that depends on nothing but the schemas); undefined where Federation refuses. */
  get supergraph(): string | undefined {
    return this.#compose().supergraph;
  }

  /** Why Federation refuses. */
  get compositionFaults(): readonly string[] {
    return this.#compose().faults;
  }

  /** The supergraph, ready to be asked; throws where there is none. */
  get snapshot(): SupergraphSnapshot {
    return this.#build().snapshot;
  }

  /** How long that took, in milliseconds. */
  get readyAfter(): number {
    return this.#build().after;
  }

  /** The supergraph of the schemas in force; undefined where they are none or do not compose. */
  get former(): SupergraphSnapshot | undefined {
    if (this.inForce.length === 0) return undefined;
    const { supergraph } = this.#former ? {} : composed([...this.inForce, this.own]);
    return (this.#former ??= supergraph === undefined ? undefined : new SupergraphSnapshot(supergraph));
  }

  #compose(): { readonly supergraph?: string; readonly faults: readonly string[] } {
    return (this.#composed ??= composed([...this.custodians, this.own]));
  }

  #build(): { readonly snapshot: SupergraphSnapshot; readonly after: number } {
    const started = performance.now();
    return (this.#built ??= {
      snapshot: new SupergraphSnapshot(this.supergraph ?? ''),
      after: performance.now() - started,
    });
  }
}

/** `composeServices` returns some faults and throws others. */
function composed(schemas: readonly SubgraphSchema[]): { supergraph?: string; faults: readonly string[] } {
  const services = schemas.map(({ subgraph, url, document }) => ({ name: subgraph, url, typeDefs: document }));
  try {
    const { errors, supergraphSdl } = composeServices(services);
    return supergraphSdl === undefined
      ? { faults: errors.map(({ message }) => message) }
      : { supergraph: supergraphSdl, faults: [] };
  } catch (cause) {
    return { faults: [cause instanceof Error ? cause.message : 'composition failed'] };
  }
}
