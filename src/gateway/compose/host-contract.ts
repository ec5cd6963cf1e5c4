import { type GatherRules, deriveGatherRules } from '../gather/gather-rules.ts';
import { type CheckOutcome, outcomeOf } from './check-schemas.ts';
import { COMPOSITION_RULES } from './composition-rules.ts';
import { lackedBy } from './host-lacks.ts';
import { GUARDS_KEPT, LARGEST_SCHEMA, READABLE, type SchemaCheck } from './schema-checks.ts';
import { CompositionError, type ServedSchema, type SubgraphSchema, parseSubgraphSchema } from './subgraph-schema.ts';
import { type GoneGuard, guardsBelow, weakenedGuards } from './weakened-guards.ts';

/** What every host of a gathered subgraph serves at least, and by which rules the hosts' answers become one. */
export interface Contract {
  readonly schema: SubgraphSchema;
  readonly rules: GatherRules;
}

/** A host's schema (SDL) beside the contract's, and beside the one of its own that is in force. */
export interface HostProposal {
  readonly contract: ServedSchema;
  readonly sdl: string;
  readonly inForce?: { readonly sdl: string; readonly gone?: readonly GoneGuard[] } | undefined;
}

/** What became of the checks of a host's schema, and what it lacks of the contract: schema coordinates. */
export interface HostReport {
  readonly checks: readonly CheckOutcome[];
  readonly lacks: ReadonlySet<string>;
}

/**
 * Reads a contract; throws `CompositionError` where it is not SDL, or where the rule of a field cannot be told. Whether it
 * keeps the rules between custodians is seen when it is composed.
 */
export function readContract(contract: ServedSchema): Contract {
  const schema = parseSubgraphSchema(contract);
  const derived = deriveGatherRules(schema);
  if ('faults' in derived) throw new CompositionError(derived.faults.map((fault) => `${schema.subgraph}: ${fault}`));
  return { schema, rules: derived.rules };
}

/**
 * Looks at a host's schema; throws nothing, whatever that is. What guards less than the contract is refused, what guards
 * less than the host's own did is to be confirmed, and what the host lacks is told.
 */
export function judgeHost(proposal: HostProposal): HostReport {
  if (Buffer.byteLength(proposal.sdl) > LARGEST_SCHEMA) return unread('its schema is too large');
  try {
    return judge(proposal);
  } catch (cause) {
    const message = cause instanceof CompositionError ? cause.faults.join('; ') : 'its schema cannot be looked at';
    return unread(message);
  }
}

function judge({ contract, sdl, inForce }: HostProposal): HostReport {
  const { schema, rules } = readContract(contract);
  const host = parseSubgraphSchema({ ...schema, sdl });
  const kept = HOST_RULES.map(({ id, says, violations }) =>
    found({ id, says, finding: 'REFUSES' }, violations(host, [])),
  );
  // Guards are as large as these rules let them be, or comparing them would take forever.
  if (kept.some(({ outcome }) => outcome === 'FOUND'))
    return { checks: [outcomeOf(READABLE, []), ...kept], lacks: NOTHING };
  const former = inForce && inForce.sdl !== sdl ? parseSubgraphSchema({ ...schema, sdl: inForce.sdl }) : undefined;
  const lacks = lackedBy(host, schema, rules.pages());
  const checks = [
    outcomeOf(READABLE, []),
    ...kept,
    found(CONTRACT_GUARDS, guardsBelow(schema, host)),
    found(GUARDS_KEPT, former ? weakenedGuards(former, host, inForce?.gone) : []),
    found(
      CONTRACT_SERVED,
      Array.from(lacks, (coordinate) => lackFinding(coordinate).message),
    ),
  ];
  return { checks, lacks };
}

type Described = Pick<SchemaCheck, 'id' | 'says' | 'finding'>;

const CONTRACT_GUARDS: Described = {
  id: 'contract-guards',
  says: 'A host guards what the contract of its subgraph has no less than the contract does.',
  finding: 'REFUSES',
};

const CONTRACT_SERVED: Described = {
  id: 'contract-served',
  says: 'A host serves all of the contract; it is not asked for what it lacks.',
  finding: 'TELLS',
};

/** What a host lacks, as it and the operator are told. */
export const lackFinding = (coordinate: string) => ({
  check: CONTRACT_SERVED.id,
  message: `${coordinate} is not served as the contract says`,
});

const found = (check: Described, messages: Iterable<string>): CheckOutcome =>
  outcomeOf(
    check,
    Array.from(messages, (message) => ({ message })),
  );

const NOTHING: ReadonlySet<string> = new Set();

const unread = (message: string): HostReport => ({ checks: [outcomeOf(READABLE, [{ message }])], lacks: NOTHING });

/** What a host's schema keeps of the rules between custodians: by the others it could reach across to them, but it is not composed. */
const HOST_RULES = COMPOSITION_RULES.filter(({ id }) =>
  ['few-possible-types', 'federation-2', 'small-guards'].includes(id),
);
