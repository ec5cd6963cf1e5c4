import { readFileSync } from 'node:fs';
import {
  type DirectiveNode,
  type FieldDefinitionNode,
  type InputObjectTypeDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type TypeNode,
  parse,
} from 'graphql';
import { parse as parseYaml } from 'yaml';
import type { Custodian } from './harness.ts';

/** The subgraphs, each with the custodian that hosts it in the shared federation. */
export const HOSTS = { ministry: 'ministry', missing: 'missing', ngo: 'ngo-a' } as const satisfies Record<
  string,
  Custodian
>;

export type Subgraph = keyof typeof HOSTS;

/** A field of a printed schema, with the scope that `tiers.yaml` gives it; undefined for one without a tier. */
export interface TieredField {
  readonly subgraph: Subgraph;
  readonly coordinate: string;
  readonly type: string;
  readonly name: string;
  readonly returns: string;
  readonly isList: boolean;
  readonly arguments: readonly string[];
  readonly filter: string | undefined;
  readonly scope: string | undefined;
  /** Whether the gateway alone reads it. */
  readonly isHidden: boolean;
}

/** An input field of a printed schema, and the field that it reads. */
export interface FilterField {
  readonly subgraph: Subgraph;
  readonly input: string;
  readonly name: string;
  readonly guard: string;
  /** A value of the field's type that fits whatever it filters. */
  readonly value: unknown;
  readonly type: string;
}

type Tiers = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>>>;

const read = (file: string): string => readFileSync(new URL(`../../schema/${file}`, import.meta.url), 'utf8');
const tiers: Tiers = parseYaml(read('tiers.yaml'));
const documents = Object.keys(HOSTS).map((name) => ({
  subgraph: name as Subgraph,
  definitions: parse(read(`${name}.graphql`)).definitions,
}));

/** Every field of every object type of the subgraphs. */
export const FIELDS: readonly TieredField[] = documents.flatMap(({ subgraph, definitions }) =>
  definitions
    .filter((node) => node.kind === Kind.OBJECT_TYPE_DEFINITION)
    .flatMap((type) => (type.fields ?? []).map((field) => describeField(subgraph, type, field))),
);

/** Every input field by which records are filtered. */
export const FILTERS: readonly FilterField[] = documents.flatMap(({ subgraph, definitions }) =>
  definitions
    .filter((node) => node.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION)
    .filter((input) => !isHidden(input))
    .flatMap((input) =>
      (input.fields ?? []).map((field) => ({
        subgraph,
        input: input.name.value,
        name: field.name.value,
        guard: guardOf(field),
        type: written(field.type),
        value: valueFor(subgraph, field.type),
      })),
    ),
);

function describeField(subgraph: Subgraph, type: ObjectTypeDefinitionNode, field: FieldDefinitionNode): TieredField {
  const filter = field.arguments?.find(({ name }) => name.value === 'filter');
  return {
    subgraph,
    coordinate: `${type.name.value}.${field.name.value}`,
    type: type.name.value,
    name: field.name.value,
    returns: named(field.type),
    isList: written(field.type).startsWith('['),
    arguments: (field.arguments ?? []).map(({ name }) => name.value),
    filter: filter && named(filter.type),
    scope: scopeOf(subgraph, type.name.value, field.name.value),
    isHidden: isHidden(field),
  };
}

function isHidden({ directives }: FieldDefinitionNode | InputObjectTypeDefinitionNode): boolean {
  return directives?.some(({ name }) => name.value === 'inaccessible') === true;
}

/** The scope by the reviewers' file, never by the schema that is under test. */
function scopeOf(subgraph: Subgraph, type: string, field: string): string | undefined {
  const pattern = type.replace(/^.+(Connection|Edge)$/u, '*$1');
  const rows = tiers[subgraph]?.[type] ?? tiers['shared']?.[type] ?? tiers['shared']?.[pattern] ?? {};
  const [tier] = Object.entries(rows).find(([, names]) => names.includes(field)) ?? [];
  if (tier === undefined) throw new Error(`tiers.yaml does not say which tier ${subgraph} ${type}.${field} has`);
  if (tier === '-') return undefined;
  const names: Readonly<Record<string, string>> = { R: `${subgraph}:registered`, I: `${subgraph}:identifying` };
  return names[tier] ?? tier.replace(/^S /u, '');
}

function named(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : named(type.type);
}

function written(type: TypeNode): string {
  if (type.kind === Kind.NAMED_TYPE) return type.name.value;
  return type.kind === Kind.LIST_TYPE ? `[${written(type.type)}]` : `${written(type.type)}!`;
}

function guardOf({ name, directives }: InputValueDefinitionNode): string {
  const guard = directives?.find((directive: DirectiveNode) => directive.name.value === 'guardedBy')?.arguments?.[0]
    ?.value;
  if (guard?.kind !== Kind.STRING) throw new Error(`${name.value} reads a field that its schema does not name`);
  return guard.value;
}

function valueFor(subgraph: Subgraph, type: TypeNode): unknown {
  if (type.kind === Kind.NON_NULL_TYPE) return valueFor(subgraph, type.type);
  if (type.kind === Kind.LIST_TYPE) return [valueFor(subgraph, type.type)];
  const definition = documents
    .find((document) => document.subgraph === subgraph)
    ?.definitions.find((node) => node.kind === Kind.ENUM_TYPE_DEFINITION && node.name.value === type.name.value);
  if (definition?.kind === Kind.ENUM_TYPE_DEFINITION) return definition.values?.[0]?.name.value;
  const values: Readonly<Record<string, unknown>> = {
    Boolean: true,
    Int: 170,
    ArchiveDate: '2014-03',
    ID: 'sought-after',
    String: 'sought-after',
  };
  if (!(type.name.value in values)) throw new Error(`no value is known for ${type.name.value}`);
  return values[type.name.value];
}

/**
 * The shortest way by fields from one type to another. One that needs `avoided` is gone only where there is no other;
 * undefined where there is none at all.
 */
export function wayTo(
  to: string,
  { from, through, avoided }: { from: string; through: readonly TieredField[]; avoided: string | undefined },
): readonly TieredField[] | undefined {
  const open = through.filter(({ scope }) => scope !== avoided);
  return shortest(from, to, open) ?? shortest(from, to, through);
}

function shortest(from: string, to: string, fields: readonly TieredField[]): readonly TieredField[] | undefined {
  const ways = new Map<string, readonly TieredField[]>([[from, []]]);
  for (const [type, way] of ways) {
    if (type === to) return way;
    for (const field of fields) {
      if (field.type === type && !ways.has(field.returns)) ways.set(field.returns, [...way, field]);
    }
  }
  return undefined;
}

/** The selection that goes a way to its last field; `put` is what the arguments of some of its fields hold. */
export function selectionOf(
  way: readonly TieredField[],
  person: string,
  put: (field: TieredField) => readonly string[] = () => [],
): string {
  return way.reduceRight(
    (inside, field, depth) => {
      const given = field.arguments.flatMap((name) => {
        if (name === 'first') return [`first: ${depth === 0 ? 100 : 5}`];
        if (name === 'id') return [`id: "${person}"`];
        return name === 'ids' ? [`ids: ["${person}"]`] : [];
      });
      const all = [...given, ...put(field)];
      return `${field.name}${all.length > 0 ? `(${all.join(', ')})` : ''}${inside && ` { ${inside} }`}`;
    },
    leavesOf(way.at(-1)?.returns ?? ''),
  );
}

/** What of a type needs no scope, so that a selection of it says only whether there is one. */
function leavesOf(type: string): string {
  if (type.endsWith('Connection')) return 'pageInfo { hasNextPage }';
  const fields = FIELDS.filter((field) => field.type === type);
  if (fields.length === 0) return '';
  return type === 'Person' || fields.some(({ scope }) => scope !== undefined)
    ? '__typename'
    : fields.map(({ name, returns }) => `${name} ${leavesOf(returns) && `{ ${leavesOf(returns)} }`}`).join(' ');
}

/** Where a way ends in an answer: response keys, `@` for any list position. */
export const patternOf = (way: readonly TieredField[]): string[] =>
  way.flatMap(({ name, isList }, depth) => (isList && depth < way.length - 1 ? [name, '@'] : [name]));

/** What stands in an answer at a pattern, once for each place whose parent is there. */
export function valuesAt(data: unknown, [key, ...rest]: readonly string[]): unknown[] {
  if (key === undefined) return [data];
  if (data === null) return [];
  if (key === '@') return (data as readonly unknown[]).flatMap((item) => valuesAt(item, rest));
  return valuesAt((data as Readonly<Record<string, unknown>>)[key], rest);
}
