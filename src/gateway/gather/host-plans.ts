import type { DocumentNode, GraphQLSchema } from 'graphql';
import type { GivenAccess } from '../authorize/subgraph-access.ts';
import type { SupergraphSnapshot } from '../compose/supergraph-snapshot.ts';
import { type GatherTree, gatherTree } from './gather-tree.ts';
import type { GatherRules } from './gather-rules.ts';
import { type HostDocument, type HostPart, hostDocument } from './host-document.ts';
import { type LackingField, narrowDocument } from './narrow-document.ts';
import { type SplitFetch, splitEntities } from './split-entities.ts';

/** A gathered subgraph of one snapshot. */
export interface GatheredPlace {
  readonly snapshot: SupergraphSnapshot;
  readonly subgraph: string;
  readonly rules: GatherRules;
}

/** A fetch as one host may be asked for it, and what the host does not serve of it. */
export interface NarrowedFetch {
  readonly tree: GatherTree | undefined;
  readonly lacking: readonly LackingField[];
}

/** How many ways of narrowing one fetch, and of writing one narrowed fetch, are remembered. */
const REMEMBERED = 32;

/** One fetch of a plan, prepared for being gathered: it holds names of the schema, and nothing of a request. */
export class FetchPlan {
  readonly split: SplitFetch;
  readonly tree: GatherTree;
  readonly #place: GatheredPlace;
  readonly #schema: GraphQLSchema;
  readonly #narrowed = new Map<string, NarrowedFetch>();
  readonly #written = new WeakMap<GatherTree, Map<string, HostDocument | undefined>>();

  constructor(place: GatheredPlace, document: DocumentNode) {
    const { snapshot, subgraph, rules } = place;
    this.#place = place;
    this.#schema = snapshot.subgraphSchema(subgraph);
    this.split = splitEntities(this.#schema, rules, document);
    this.tree = gatherTree(this.#schema, rules, this.split.document);
  }

  /**
   * What is left of the fetch for a host: by its access, what it lacks, and which filters the variables give. What is
   * remembered goes by what is granted alike, and by the variables' members, never by their values.
   */
  narrow(access: GivenAccess, lacks: ReadonlySet<string>, variables: Readonly<Record<string, unknown>>): NarrowedFetch {
    // What is lacking may be a value of an enum: then it depends on what is given.
    if (lacks.size > 0) return this.#narrow(access, lacks, variables);
    const members = membersTexts.get(variables) ?? JSON.stringify(membersOf(variables));
    membersTexts.set(variables, members);
    return remember(this.#narrowed, `${members} ${access.likeness}`, () => this.#narrow(access, lacks, variables));
  }

  /** What a host is asked for of what was left for it. */
  write(tree: GatherTree, part: HostPart): HostDocument | undefined {
    const written = this.#written.get(tree) ?? new Map<string, HostDocument | undefined>();
    this.#written.set(tree, written);
    const key = JSON.stringify([[...part.keys], [...part.omitted], part.only]);
    return remember(written, key, () => hostDocument(tree, part));
  }

  #narrow(
    access: GivenAccess,
    lacks: ReadonlySet<string>,
    variables: Readonly<Record<string, unknown>>,
  ): NarrowedFetch {
    const lacking: LackingField[] = [];
    const { snapshot, subgraph, rules } = this.#place;
    const narrowing = {
      snapshot,
      subgraph,
      schema: this.#schema,
      rules,
      access,
      lacks,
      variables,
      lacking: (field: LackingField) => void lacking.push(field),
    };
    const document = narrowDocument(narrowing, this.split.document);
    return { tree: document && gatherTree(this.#schema, rules, document), lacking };
  }
}

/** By document, which lives as long as its plan. */
const plans = new WeakMap<DocumentNode, FetchPlan>();

/** A fetch, prepared once for all requests with its plan. */
export function fetchPlan(place: GatheredPlace, document: DocumentNode): FetchPlan {
  const plan = plans.get(document) ?? new FetchPlan(place, document);
  plans.set(document, plan);
  return plan;
}

/** By the variables of a fetch, which are the same object for all hosts. */
const membersTexts = new WeakMap<object, string>();

/** Which members values have, at any depth: what a filter reads follows from that. */
function membersOf(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value === null || value === undefined ? null : 0;
  if (Array.isArray(value)) return [...new Set(value.map((item) => JSON.stringify(membersOf(item))))].sort();
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inside]) => [name, membersOf(inside)]),
  );
}

function remember<Value>(known: Map<string, Value>, key: string, make: () => Value): Value {
  if (known.has(key)) {
    const value = known.get(key) as Value;
    return value;
  }
  const value = make();
  for (const oldest of known.keys()) {
    if (known.size < REMEMBERED) break;
    known.delete(oldest);
  }
  known.set(key, value);
  return value;
}
