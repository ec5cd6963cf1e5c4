import type { SubgraphSchema } from '../compose/subgraph-schema.ts';
import { RuleDerivation } from './derive-rules.ts';

/**
 * How the answers of several hosts to one field become one.
 *
 * - `SAME`: every host answers the same, the key of an entity for one.
 * - `CONCATENATE`: a list, by host and then in the order given.
 * - `PAGES`: a Relay connection, merged into one total order.
 * - `OBJECT`: field by field.
 * - `SUM`, `MIN`, `MAX`, `FIRST`: as `@gather(rule:)` says.
 * - `ROUTED`: one host alone is asked.
 */
export type GatherRule = 'SAME' | 'CONCATENATE' | 'PAGES' | 'OBJECT' | 'SUM' | 'MIN' | 'MAX' | 'FIRST' | 'ROUTED';

/** What is known of one field in a gathered position. */
export interface GatheredField {
  readonly rule: GatherRule;
  /** Whether the field has an argument `custodian`, which names the one host to ask. */
  readonly takesCustodian: boolean;
  /** The coordinates without which no pages of the field can be merged; of any other field, none. */
  readonly needs: readonly string[];
}

/** The rules of a contract, by which the answers of a subgraph's hosts become one answer. */
export class GatherRules {
  readonly #fields: ReadonlyMap<string, GatheredField>;
  readonly #entities: ReadonlySet<string>;
  readonly #records: ReadonlySet<string>;

  /** `fields` by `Type.field`; `entities` and `records` are names of types. */
  constructor(fields: ReadonlyMap<string, GatheredField>, entities: ReadonlySet<string>, records: ReadonlySet<string>) {
    this.#fields = fields;
    this.#entities = entities;
    this.#records = records;
  }

  /**
   * The rule of a field of an object type; undefined where the field is in no gathered position: what is below a list's
   * item, a connection's node or a field that one host answers is that host's alone.
   */
  ruleOf(type: string, field: string): GatherRule | undefined {
    return field === '__typename' ? 'SAME' : this.#fields.get(`${type}.${field}`)?.rule;
  }

  /** Whether a field in a gathered position takes the argument `custodian`: where that is given, one host alone is asked. */
  takesCustodian(type: string, field: string): boolean {
    return this.#fields.get(`${type}.${field}`)?.takesCustodian === true;
  }

  /** The coordinates without which the pages of a field cannot be merged; none where it has no pages to merge. */
  pageNeeds(type: string, field: string): readonly string[] {
    return this.#fields.get(`${type}.${field}`)?.needs ?? [];
  }

  /** Whether representations of a type are answered, by every host that knows the entity. */
  isEntity(type: string): boolean {
    return this.#entities.has(type);
  }

  /** Whether an object of the type is one custodian's record: it has an `id` that is no entity's key. */
  isRecord(type: string): boolean {
    return this.#records.has(type);
  }

  /** Of each field whose pages are merged (`Type.field`), the coordinates without which they cannot be. */
  *pages(): Generator<readonly [coordinate: string, needs: readonly string[]]> {
    for (const [coordinate, { rule, needs }] of this.#fields) if (rule === 'PAGES') yield [coordinate, needs];
  }
}

/** The rules of a contract, or why it has none: a sentence for each field whose rule cannot be told, which begins with its coordinate. */
export type DerivedRules = { readonly rules: GatherRules } | { readonly faults: readonly string[] };

/**
 * Derives the rule of every field in a gathered position: fields of Query and Mutation, of every entity, and of object
 * types reached from those field by field. The contract keeps the rules between custodians (`COMPOSITION_RULES`).
 */
export function deriveGatherRules(contract: SubgraphSchema): DerivedRules {
  const { fields, entities, records, faults } = new RuleDerivation(contract);
  return faults.length > 0 ? { faults } : { rules: new GatherRules(fields, entities, records) };
}
