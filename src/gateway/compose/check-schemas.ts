import { Candidate, type Proposal } from './schema-candidate.ts';
import { type Finding, LARGEST_SCHEMA, READABLE, SCHEMA_CHECKS, type SchemaCheck } from './schema-checks.ts';
import { CompositionError } from './subgraph-schema.ts';

/** What one check found. `UNCHECKED`: others before it found what left nothing to look at. */
export interface CheckOutcome extends Pick<SchemaCheck, 'id' | 'says' | 'finding'> {
  readonly outcome: 'PASSED' | 'FOUND' | 'UNCHECKED';
  readonly findings: readonly Finding[];
}

/** What became of all checks, in order, and the supergraph where the schemas compose. */
export interface SchemaReport {
  readonly checks: readonly CheckOutcome[];
  readonly supergraph?: string;
}

/** Looks at a proposal with every check; throws nothing, whatever the schemas are. */
export function checkSchemas(proposal: Proposal): SchemaReport {
  const unreadable = readFaults(proposal);
  const candidate = unreadable.length === 0 ? read(proposal, unreadable) : undefined;
  const checks = [outcomeOf(READABLE, unreadable)];
  for (const check of SCHEMA_CHECKS) {
    const refused = checks.some(({ finding, outcome }) => finding === 'REFUSES' && outcome === 'FOUND');
    // Federation is not asked to compose what breaks a rule: what it would say of it is of no use to anybody.
    const isOpen = candidate !== undefined && !(refused && (check.needs === 'COMPOSED' || check.id === 'composition'));
    checks.push(
      isOpen
        ? outcomeOf(check, findings(check, candidate))
        : { ...described(check), outcome: 'UNCHECKED', findings: [] },
    );
  }
  const isComposed = checks.some(({ id, outcome }) => id === 'composition' && outcome === 'PASSED');
  const supergraph = isComposed ? candidate?.supergraph : undefined;
  return { checks, ...(supergraph !== undefined && { supergraph }) };
}

/** What keeps the schemas from taking effect, whoever confirms what. */
export const refusals = ({ checks }: SchemaReport): readonly CheckOutcome[] =>
  checks.filter(({ finding, outcome }) => finding === 'REFUSES' && outcome === 'FOUND');

/** What the operator and the custodian have to confirm. */
export const unconfirmed = ({ checks }: SchemaReport): readonly CheckOutcome[] =>
  checks.filter(({ finding, outcome }) => finding === 'CONFIRMED' && outcome === 'FOUND');

/** One finding in a line, with the check that found it. */
export const sentenceOf = ({ id }: Pick<CheckOutcome, 'id'>, { subgraph, message }: Finding): string =>
  `${subgraph === undefined ? '' : `${subgraph}: `}${message} [${id}]`;

function readFaults({ schemas }: Proposal): Finding[] {
  return schemas
    .filter(({ sdl }) => Buffer.byteLength(sdl) > LARGEST_SCHEMA)
    .map(({ subgraph }) => ({ subgraph, message: 'its schema is too large' }));
}

function read(proposal: Proposal, faults: Finding[]): Candidate | undefined {
  try {
    return new Candidate(proposal);
  } catch (cause) {
    const messages = cause instanceof CompositionError ? cause.faults : ['a schema cannot be read'];
    faults.push(...messages.map((message) => ({ message })));
    return undefined;
  }
}

/** A schema may be such that looking at it fails, by its depth for one; then it has not passed. */
function findings(check: SchemaCheck, candidate: Candidate): readonly Finding[] {
  try {
    return [...check.find(candidate)];
  } catch (cause) {
    return [{ message: `it cannot be checked (${cause instanceof Error ? cause.name : 'unknown'})` }];
  }
}

/** What became of one check. */
export const outcomeOf = (
  check: Pick<SchemaCheck, 'id' | 'says' | 'finding'>,
  findings: readonly Finding[],
): CheckOutcome => ({
  ...described(check),
  outcome: findings.length === 0 ? 'PASSED' : 'FOUND',
  findings,
});

const described = ({ id, says, finding }: Pick<SchemaCheck, 'id' | 'says' | 'finding'>) => ({ id, says, finding });
