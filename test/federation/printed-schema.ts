import { readFileSync } from 'node:fs';
import {
  type DirectiveNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type TypeNode,
  parse,
} from 'graphql';
import { parse as parseYaml } from 'yaml';
import type { Custodian } from './harness.ts';

/** The subgraphs, each with the custodian that hosts it in the shared federation. */
export const HOSTS = { ministry: 'ministry', missing: 'missing', ngo: 'ngo-a' } as const satisfies Record<string, Custodian>;

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
const documents = Object.keys(HOSTS).map((name) => ({ subgraph: name as Subgraph, definitions: parse(read(`${name}.graphql`)).definitions }));

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
  };
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

const named = (type: TypeNode): string => (type.kind === Kind.NAMED_TYPE ? type.name.value : named(type.type));

function written(type: TypeNode): string {
  if (type.kind === Kind.NAMED_TYPE) return type.name.value;
  return type.kind === Kind.LIST_TYPE ? `[${written(type.type)}]` : `${written(type.type)}!`;
}

function guardOf({ name, directives }: InputValueDefinitionNode): string {
  const guard = directives?.find((directive: DirectiveNode) => directive.name.value === 'guardedBy')?.arguments?.[0]?.value;
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
  const values: Readonly<Record<string, unknown>> = { Boolean: true, ArchiveDate: '2014-03', ID: 'sought-after', String: 'sought-after' };
  if (!(type.name.value in values)) throw new Error(`no value is known for ${type.name.value}`);
  return values[type.name.value];
}
