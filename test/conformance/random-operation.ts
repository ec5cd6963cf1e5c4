import {
  type GraphQLCompositeType,
  type GraphQLSchema,
  doTypesOverlap,
  getNamedType,
  isCompositeType,
  isUnionType,
} from 'graphql';
import type { Choose } from './random-schema.ts';

/** The variables of every random operation. */
export const VARIABLES = { yes: true, no: false };

const ALIASES = ['', '', '', '', '', '', 'x: ', 'id: ', 'a: ', 'c: ', 'r: ', 'constructor: '];
const DIRECTIVES = ['@skip(if: $yes)', '@skip(if: $no)', '@include(if: $yes)', '@include(if: $no)'];

/**
 * An operation whose fields fit the schema, though not always each other: with fragments on all types, named and not,
 * conditions, and aliases that are other fields' names.
 */
export function randomOperation(choose: Choose, schema: GraphQLSchema): string {
  const composite = Object.values(schema.getTypeMap()).filter(
    (type): type is GraphQLCompositeType => isCompositeType(type) && !type.name.startsWith('__'),
  );
  const named: string[] = [];
  const condition = (): string => choose([...Array.from({ length: 12 }, () => ''), ...DIRECTIVES]);

  const selections = (type: GraphQLCompositeType, depth: number): string =>
    `{ ${Array.from({ length: choose([1, 2, 3, 4]) }, () => selection(type, depth)).join(' ')} }`;

  const selection = (type: GraphQLCompositeType, depth: number): string => {
    const kind = depth > 0 ? choose(['leaf', 'leaf', 'leaf', 'link', 'link', 'fragment', 'fragment']) : 'leaf';
    if (kind === 'fragment') return fragment(type, depth);
    const fields = isUnionType(type) ? [] : Object.values(type.getFields());
    const fitting = fields.filter((field) => isCompositeType(getNamedType(field.type)) === (kind === 'link'));
    if (kind === 'leaf' || fitting.length === 0)
      return `${choose(ALIASES)}${choose([...fitting.filter((field) => !isCompositeType(getNamedType(field.type))).map(({ name }) => name), '__typename'])} ${condition()}`;
    const { name, type: returned } = choose(fitting);
    const inside = getNamedType(returned);
    if (!isCompositeType(inside)) throw new Error('a link that leads to a leaf');
    return `${choose(['', '', '', '', 'x: ', 'v: '])}${name} ${condition()} ${selections(inside, depth - 1)}`;
  };

  const fragment = (type: GraphQLCompositeType, depth: number): string => {
    const on = choose(composite.filter((other) => doTypesOverlap(schema, type, other)));
    const inside = selections(on, depth - 1);
    if (choose([true, true, false])) return `... on ${on.name} ${condition()} ${inside}`;
    const name = `F${named.length}`;
    named.push(`fragment ${name} on ${on.name} ${inside}`);
    return `...${name} ${condition()}`;
  };

  const [keyword, root] = choose([
    ['query', schema.getQueryType()],
    ['query', schema.getQueryType()],
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
  ] as const);
  if (!root) throw new Error('a schema without an operation');
  const text = [selections(root, 5), ...named].join('\n');
  const used = Object.keys(VARIABLES).filter((name) => text.includes(`$${name}`));
  const declared = used.map((name) => `$${name}: Boolean!`).join(' ');
  return `${keyword} ${declared && `(${declared})`} ${text}`;
}

/** The variables that an operation declares. */
export const variablesOf = (operation: string): Record<string, boolean> =>
  Object.fromEntries(Object.entries(VARIABLES).filter(([name]) => operation.includes(`$${name}:`)));
