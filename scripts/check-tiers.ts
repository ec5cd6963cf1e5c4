import { readFileSync } from 'node:fs';
import {
  type ConstDirectiveNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type ObjectTypeExtensionNode,
  parse,
  valueFromASTUntyped,
} from 'graphql';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';

const Tiers = z.record(z.string(), z.record(z.string(), z.record(z.string(), z.array(z.string()))));

/** The tier of every field, by subgraph (or `shared`), type (a leading `*` stands for any beginning), tier and field. */
export type Tiers = z.infer<typeof Tiers>;

/** Reads the tier data file; throws where it has not the shape that its own head describes. */
export const readTiers = (file: string | URL): Tiers => Tiers.parse(parseYaml(readFileSync(file, 'utf8')));

/** Federation's own machinery in a printed subgraph. */
const MACHINERY = new Set(['_Service', 'Query._entities', 'Query._service']);

/**
 * Holds one printed subgraph against the tier data: a sentence for every field that has no tier, two, or a directive
 * that contradicts it, and for every tier that names no field.
 */
export function checkTiers(subgraph: string, sdl: string, tiers: Tiers): string[] {
  const faults: string[] = [];
  const unused = new Set(fieldsNamed(tiers[subgraph] ?? {}));
  for (const type of parse(sdl).definitions.filter(isObjectType)) {
    for (const field of type.fields ?? []) {
      const coordinate = `${type.name.value}.${field.name.value}`;
      if (MACHINERY.has(type.name.value) || MACHINERY.has(coordinate)) continue;
      unused.delete(coordinate);
      const named = tiersOf(subgraph, type.name.value, field.name.value, tiers);
      if (named.length !== 1) {
        faults.push(
          `${subgraph}: ${coordinate} has ${named.length === 0 ? 'no tier' : `tiers ${named.join(' and ')}`}.`,
        );
        continue;
      }
      const expected = JSON.stringify(scopesOf(subgraph, named[0] ?? ''));
      const guarded = [...(type.directives ?? []), ...(field.directives ?? [])].filter(isGuard);
      const actual = JSON.stringify(guarded.length === 0 ? [] : guarded.flatMap(scopesIn));
      if (actual !== expected)
        faults.push(`${subgraph}: ${coordinate} is tier ${named[0]} (${expected}) but guarded by ${actual}.`);
    }
  }
  return [
    ...faults,
    ...[...unused].map((coordinate) => `${subgraph}: ${coordinate} has a tier but is not in the schema.`),
  ];
}

function tiersOf(subgraph: string, type: string, field: string, tiers: Tiers): string[] {
  const own = tiers[subgraph]?.[type];
  const shared = Object.entries(tiers.shared ?? {})
    .filter(([pattern]) => (pattern.startsWith('*') ? type.endsWith(pattern.slice(1)) : type === pattern))
    .flatMap(([, byTier]) => Object.entries(byTier));
  return (own ? Object.entries(own) : shared).filter(([, fields]) => fields.includes(field)).map(([tier]) => tier);
}

function scopesOf(subgraph: string, tier: string): string[][] {
  if (tier === '-') return [];
  if (tier === 'R') return [[`${subgraph}:registered`]];
  if (tier === 'I') return [[`${subgraph}:identifying`]];
  const sensitive = /^S (\S+:[a-z_]+)$/u.exec(tier)?.[1];
  if (sensitive === undefined) throw new Error(`'${tier}' is not a tier: R, I, S <scope> or -.`);
  return [[sensitive]];
}

const fieldsNamed = (types: Tiers[string]): string[] =>
  Object.entries(types).flatMap(([type, byTier]) =>
    Object.values(byTier).flatMap((fields) => fields.map((field) => `${type}.${field}`)),
  );

const isObjectType = (node: { kind: Kind }): node is ObjectTypeDefinitionNode | ObjectTypeExtensionNode =>
  node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.OBJECT_TYPE_EXTENSION;

const isGuard = ({ name }: ConstDirectiveNode): boolean =>
  ['requiresScopes', 'authenticated', 'policy'].includes(name.value);

function scopesIn(directive: ConstDirectiveNode): unknown[] {
  const scopes = directive.arguments?.find(({ name }) => name.value === 'scopes');
  const value: unknown = scopes && valueFromASTUntyped(scopes.value);
  return Array.isArray(value) ? value : [`@${directive.name.value}`];
}
