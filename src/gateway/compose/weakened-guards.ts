import { print } from 'graphql';
import { type Requirement, both, satisfies } from '../../protocol/requirements.ts';
import {
  AUTHENTICATED,
  FEDERATION,
  guardingField,
  isDirective,
  isGuardedBy,
  isRequiresScopes,
  namedTypeOf,
  scopesOf,
} from './directive-arguments.ts';
import { possibleTypes } from './possible-types.ts';
import type { SchemaElement } from './schema-elements.ts';
import type { SubgraphSchema } from './subgraph-schema.ts';

/**
 * What a schema guards less than the former one of the same subgraph did, a sentence each: a field or a type that needs
 * less, an argument that no longer needs the permission of what it reads, and what may be a guarded field under another
 * name. Whoever had no access to something before should have none after, unless two have said so.
 */
export function* weakenedGuards(former: SubgraphSchema, schema: SubgraphSchema, gone = NOTHING): Generator<string> {
  const [before, after] = [new Guards(former), new Guards(schema)];
  for (const { coordinate, requirement, fields } of gone) {
    const now = after.requirements.get(coordinate);
    if (now && !implies(now, requirement))
      yield `${coordinate} needed ${told(requirement)} when it was last there and would need ${told(now)}`;
    const guards = after.filters.get(coordinate);
    for (const field of fields)
      if (guards && !guards.has(field))
        yield `${coordinate} would no longer be guarded by ${field}, as when it was last there`;
  }
  for (const { coordinate, requirement, now } of lessNeeded(before, after))
    yield `${coordinate} needed ${told(requirement)} and would need ${told(now)}`;
  for (const { coordinate, field } of lessRead(before, after))
    yield `${coordinate} would no longer be guarded by ${field}`;
  yield* newlyOpen(before, after);
}

/**
 * What a host's schema guards less than the contract of its subgraph does, a sentence each. What the host has beyond the
 * contract is never asked for, and may be guarded as it likes; what it lacks guards nothing.
 */
export function* guardsBelow(contract: SubgraphSchema, host: SubgraphSchema): Generator<string> {
  // Of an abstract type a host may have fewer types, or more: each is held against the contract's by itself.
  const [demanded, has] = [new Guards(contract, (type) => [type]), new Guards(host, (type) => [type])];
  for (const { coordinate, requirement, now } of lessNeeded(demanded, has))
    yield `${coordinate} needs ${told(requirement)} by the contract and would need ${told(now)}`;
  for (const { coordinate, field } of lessRead(demanded, has))
    yield `${coordinate} is guarded by ${field} in the contract and would not be`;
}

/** What needs less than before, of all that is still there. */
function* lessNeeded(before: Guards, after: Guards) {
  for (const [coordinate, requirement] of before.requirements) {
    const now = after.requirements.get(coordinate);
    if (now && !implies(now, requirement)) yield { coordinate, requirement, now };
  }
}

/** The arguments and input fields, of those still there, that are no longer guarded by a field. */
function* lessRead(before: Guards, after: Guards) {
  for (const [coordinate, fields] of before.filters) {
    const now = after.filters.get(coordinate);
    for (const field of fields) if (now && !now.has(field)) yield { coordinate, field };
  }
}

/** The guards of what a schema has no longer, and those of earlier ones that are still gone: nothing is weakened in two steps. */
export function goneGuards(former: SubgraphSchema, schema: SubgraphSchema, gone = NOTHING): GoneGuard[] {
  const [before, after] = [new Guards(former), new Guards(schema)];
  const left = new Map(gone.map((guard) => [guard.coordinate, guard]));
  for (const [coordinate, requirement] of before.requirements) {
    if (requirement.length > 0) left.set(coordinate, { coordinate, requirement, fields: [] });
  }
  for (const [coordinate, fields] of before.filters) {
    if (fields.size > 0) left.set(coordinate, { coordinate, requirement: [], fields: [...fields] });
  }
  return [...left.values()]
    .filter(({ coordinate }) => !after.requirements.has(coordinate) && !after.filters.has(coordinate))
    .slice(-MOST_GONE);
}

/** What guarded an element that was in an earlier schema: a requirement, or the fields that an argument was guarded by. */
export interface GoneGuard {
  readonly coordinate: string;
  readonly requirement: Requirement;
  readonly fields: readonly string[];
}

const NOTHING: readonly GoneGuard[] = [];
const MOST_GONE = 10_000;

/** Fields that are new: without a guard where others have one, or in the place of a guarded field that is gone. */
function* newlyOpen(before: Guards, after: Guards): Generator<string> {
  const gone = [...before.fields.values()].filter(
    ({ coordinate }) => !after.fields.has(coordinate) && before.guard(coordinate).length > 0,
  );
  for (const { coordinate, type, node } of after.fields.values()) {
    if (before.fields.has(coordinate)) continue;
    const guard = after.guard(coordinate);
    if (guard.length === 0 && before.guardsFieldsOf(type)) {
      yield `${coordinate} is new and needs nothing, unlike other fields of ${type}`;
      continue;
    }
    const former = gone.find(
      (field) =>
        (field.type === type || (!after.types.has(field.type) && !before.types.has(type))) &&
        print(field.node.type) === print(node.type) &&
        !implies(guard, before.guard(field.coordinate)),
    );
    if (former)
      yield `${coordinate} is new and may be ${former.coordinate}, which is gone and needed ${told(before.guard(former.coordinate))}`;
  }
}

type Field = SchemaElement & { readonly kind: 'field' };

/** The guards of one schema, by coordinate. */
class Guards {
  readonly types: ReadonlySet<string>;
  readonly fields: ReadonlyMap<string, Field>;
  /** What types and fields need; a field, what its type and the types that it returns need as well. */
  readonly requirements: ReadonlyMap<string, Requirement>;
  /** The fields that arguments and input fields are guarded by. */
  readonly filters: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #guardedTypes: ReadonlySet<string>;

  /** `typesOf` says which types' guards hold for a value of a type. */
  constructor(schema: SubgraphSchema, typesOf = (type: string) => possibleTypes(schema, type)) {
    const own = new Map<string, Requirement>();
    const filters = new Map<string, ReadonlySet<string>>();
    for (const { coordinate, kind, directives } of schema.elements) {
      if (kind === 'type' || kind === 'field')
        own.set(coordinate, both(own.get(coordinate) ?? [], guardOf(directives)));
      if (kind === 'argument' || kind === 'inputField')
        filters.set(coordinate, new Set(directives.filter(isGuardedBy).map(guardingField)));
    }
    const fields = schema.elements.flatMap((element) => (element.kind === 'field' ? [element] : []));
    this.types = new Set(schema.elements.flatMap(({ kind, coordinate }) => (kind === 'type' ? [coordinate] : [])));
    this.fields = new Map(fields.map((field) => [field.coordinate, field]));
    this.filters = filters;
    const possible = new Map<string, readonly string[]>();
    const returned = ({ node }: Field): readonly string[] => {
      const name = namedTypeOf(node.type);
      const types = possible.get(name) ?? typesOf(name);
      possible.set(name, types);
      return types;
    };
    this.requirements = new Map([
      ...own,
      ...fields.map((field): [string, Requirement] => [
        field.coordinate,
        [field.type, field.coordinate, ...returned(field)].map((name) => own.get(name) ?? []).reduce(both, []),
      ]),
    ]);
    this.#guardedTypes = new Set(
      fields.filter(({ coordinate }) => this.guard(coordinate).length > 0).map(({ type }) => type),
    );
  }

  guard(coordinate: string): Requirement {
    return this.requirements.get(coordinate) ?? [];
  }

  guardsFieldsOf(type: string): boolean {
    return this.#guardedTypes.has(type);
  }
}

/** Stands for being signed in, which any scope needs too. */
const SIGNED_IN = '@authenticated';

function guardOf(directives: SchemaElement['directives']): Requirement {
  const scopes = directives.filter(isRequiresScopes).map(scopesOf).reduce(both, []);
  if (scopes.length > 0) return scopes.map((all) => [...all, SIGNED_IN]);
  return directives.some((one) => isDirective(one, 'authenticated', FEDERATION, AUTHENTICATED)) ? [[SIGNED_IN]] : [];
}

/** Whether whoever meets the one requirement meets the other. */
const implies = (requirement: Requirement, other: Requirement): boolean =>
  other.length === 0 || (requirement.length > 0 && requirement.every((all) => satisfies(new Set(all), other)));

const told = (requirement: Requirement): string =>
  requirement.length === 0
    ? 'nothing'
    : requirement
        .map((all) => all.filter((name) => name !== SIGNED_IN || all.length === 1).join(' and '))
        .join(', or ');
