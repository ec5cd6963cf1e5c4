import { COMPOSITION_RULES } from './composition-rules.ts';
import { lostInComposition } from './lost-in-composition.ts';
import { operationChanges } from './operation-changes.ts';
import type { Candidate } from './schema-candidate.ts';
import { weakenedGuards } from './weakened-guards.ts';

/** What a check has found: a sentence that names coordinates, and the subgraph that it is about where it is about one. */
export interface Finding {
  readonly subgraph?: string;
  readonly message: string;
}

/**
 * One thing that is looked at before schemas take effect; the gateway and `amana check` look at the same. What a check
 * `REFUSES` does not take effect; what it wants `CONFIRMED` does once both the operator and the custodian have said so;
 * what it `TELLS` takes effect.
 */
export interface SchemaCheck {
  readonly id: string;
  /** What is demanded, in one sentence. */
  readonly says: string;
  readonly finding: 'REFUSES' | 'CONFIRMED' | 'TELLS';
  /** `COMPOSED` checks need a supergraph: they are left out where there is none. */
  readonly needs: 'SCHEMAS' | 'COMPOSED';
  readonly find: (candidate: Candidate) => Iterable<Finding>;
}

/** The largest schema that is read, in bytes: ten times what a custodian with every record type of the domain serves. */
export const LARGEST_SCHEMA = 256 * 1024;

/** How long the gateway, which answers nothing meanwhile, may take to make a supergraph ready, in milliseconds. */
const READY_WITHIN = 1_500;

/** Whether a schema can be looked at; without it there are no others. */
export const READABLE: Omit<SchemaCheck, 'find'> = {
  id: 'readable',
  says: `A schema is GraphQL's schema language, of at most ${LARGEST_SCHEMA / 1024} KB.`,
  finding: 'REFUSES',
  needs: 'SCHEMAS',
};

/** What two have to confirm. */
export const GUARDS_KEPT: Pick<SchemaCheck, 'id' | 'says' | 'finding'> = {
  id: 'guards-kept',
  says: 'No guard of the schema in force is weakened or removed, unless the operator of the gateway and the custodian have both confirmed it.',
  finding: 'CONFIRMED',
};

/** What is looked at, in order. */
export const SCHEMA_CHECKS: readonly SchemaCheck[] = [
  ...COMPOSITION_RULES.map(({ id, says, violations }): SchemaCheck => ({
    id,
    says,
    finding: 'REFUSES',
    needs: 'SCHEMAS',
    *find({ custodians, own }) {
      for (const schema of custodians) {
        const others = [...custodians.filter((other) => other !== schema), own];
        for (const message of violations(schema, others)) yield { subgraph: schema.subgraph, message };
      }
    },
  })),
  {
    id: 'composition',
    says: 'Federation composes the schemas into a supergraph.',
    finding: 'REFUSES',
    needs: 'SCHEMAS',
    find: ({ compositionFaults }) => compositionFaults.map((message) => ({ message })),
  },
  ...lostChecks(),
  {
    id: 'ready-in-time',
    says: `The supergraph is ready to be asked within ${READY_WITHIN} ms.`,
    finding: 'REFUSES',
    needs: 'COMPOSED',
    *find({ readyAfter }) {
      if (readyAfter > READY_WITHIN) yield { message: `it takes ${Math.round(readyAfter)} ms to make ready` };
    },
  },
  {
    ...GUARDS_KEPT,
    needs: 'SCHEMAS',
    *find({ custodians, inForce }) {
      for (const schema of custodians) {
        const former = inForce.find(({ subgraph }) => subgraph === schema.subgraph);
        if (!former || former.sdl === schema.sdl) continue;
        for (const message of weakenedGuards(former, schema, former.gone)) yield { subgraph: schema.subgraph, message };
      }
    },
  },
  {
    id: 'operations',
    says: 'What was asked lately can still be asked, and needs no more than it did.',
    finding: 'TELLS',
    needs: 'COMPOSED',
    find: operationChanges,
  },
];

function lostChecks(): SchemaCheck[] {
  return [
    { id: 'no-element-lost', says: 'What a custodian declares is what clients see: composition drops none of it.' },
    { id: 'no-guard-lost', says: 'Every guard is in the supergraph as the custodian declared it.' },
  ].map(({ id, says }) => ({
    id,
    says,
    finding: 'REFUSES',
    needs: 'COMPOSED',
    find: ({ custodians, own, supergraph = '' }) =>
      lostInComposition([...custodians, own], supergraph).filter(({ rule }) => rule === id),
  }));
}
