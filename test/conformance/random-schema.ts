import { type GraphQLSchema, buildSchema } from 'graphql';
import { NONE, RULES, type Rule, directivesOf } from './random-rules.ts';

/** Choices, drawn one after the other from a list of numbers: the same numbers make the same schema and operation. */
export type Choose = <Item>(items: readonly Item[]) => Item;

export const choosingFrom = (numbers: readonly number[]): Choose => {
  let at = 0;
  return (items) => {
    const item = items[(numbers[at++ % numbers.length] ?? 0) % items.length];
    if (item === undefined) throw new Error('nothing to choose from');
    return item;
  };
};

/** The entities of every random schema. */
export const TYPES = ['T0', 'T1', 'T2'] as const;

/** A schema of three subgraphs, with rules on all that can have one; `whole` is the same as one schema. */
export interface RandomSchema {
  readonly subgraphs: { readonly first: string; readonly second: string; readonly third: string };
  readonly whole: GraphQLSchema;
  /** All that must be met, by coordinate: a rule for each subgraph that has one there. */
  readonly rules: ReadonlyMap<string, readonly Rule[]>;
}

const LEAVES = 'scalar S enum E { ONE }';

/**
 * Entities that lead to each other, to an interface, a union and a value type; of a second subgraph there are fields that
 * require, override, share and are provided by fields of the first, and of a third one that adds to the interface.
 */
export function randomSchema(choose: Choose): RandomSchema {
  const rules = new Map<string, readonly Rule[]>();
  const guarded = (coordinate: string, text: string, odds: number): string => {
    const rule = choose([...Array.from({ length: odds }, () => NONE), ...RULES]);
    rules.set(coordinate, [...(rules.get(coordinate) ?? []), rule]);
    return `${text}${directivesOf(rule)}`;
  };
  const fieldsOf = (type: string, fields: readonly string[]): string =>
    fields.map((field) => guarded(`${type}.${field.split(':')[0]}`, field, 9)).join(' ');
  const rarely = (name: string, definition: string): string => guarded(name, definition, 28);
  const orNot = (name: string): string => `${name}${choose(['', '', '', '!'])}`;
  const listOf = (name: string): string => choose([`[[${name}]]`, `[[${name}!]]`, `[[${name}]!]`, `[[${name}!]!]!`]);

  const roots = {
    Query: ['t0: T0', `t1: ${orNot('T1')}`, 'node: Node', `nodes: [${orNot('Node')}]`, 'u: U', `us: ${listOf('U')}`],
    Mutation: ['m0: T0', 'mnode: Node', `ms: ${orNot('S')}`],
  };
  const entities = TYPES.map((type, index) => {
    const next = TYPES[(index + 1) % TYPES.length] ?? '';
    const own = ['a: String', 'e: E', `next: ${next}`, `s: ${orNot('S')}`, `u: ${orNot('U')}`, `v: ${orNot('V')}`];
    const first = [
      ...own.map((field) => (field.endsWith('!') ? field : orNot(field))),
      `node: ${orNot('Node')}`,
      `list: ${listOf(next)}`,
    ];
    const overridden = `d: ${orNot('String')}`;
    return { type, first, overridden, second: [`b: ${orNot('String')}`, overridden, `w: ${orNot('V')}`] };
  });

  const first = `${rarely('S', 'scalar S')} ${rarely('E', 'enum E')} { ONE }
    ${rarely('Query', 'type Query')} { ${fieldsOf('Query', roots.Query).replace('t0: T0', 't0: T0 @provides(fields: "c")')} }
    ${rarely('Mutation', 'type Mutation')} { ${fieldsOf('Mutation', roots.Mutation)} }
    interface Node @key(fields: "id") { id: ID! a: String e: E next: Node v: V }
    union U = T0 | T1 | V
    ${rarely('V', 'type V @shareable')} { ${fieldsOf('V', ['x: String', 'y: E'])} }
    ${entities.map(({ type, first: own, overridden }) => `${rarely(type, `type ${type} implements Node @key(fields: "id")`)} { ${guarded(`${type}.id`, 'id: ID!', 28)} ${fieldsOf(type, [...own, 'sh: String @shareable'])} ${type === 'T0' ? 'c: String @external' : overridden} }`).join('\n    ')}`;
  const second = `${rarely('S', 'scalar S')}  ${rarely('E', 'enum E')} { ONE }
    ${rarely('V', 'type V @shareable')} { ${fieldsOf('V', ['x: String', 'y: E'])} }
    ${entities
      .map(({ type, first: own, second: more }) => {
        const fields = more.map((field) =>
          field.startsWith('d:') && type !== 'T0' ? `${field} @override(from: "first")` : field,
        );
        const required = rules.get(`${type}.a`) ?? [];
        rules.set(`${type}.r`, required);
        return `${rarely(type, `type ${type} @key(fields: "id")`)} { id: ID! ${own[0]} @external ${fieldsOf(type, [...fields, 'c: String @shareable', 'sh: String @shareable'])} r: String @requires(fields: "a")${required.map(directivesOf).join('')} }`;
      })
      .join('\n    ')}`;
  const third = `type Node @interfaceObject @key(fields: "id") { id: ID! ${fieldsOf('Node', ['io: String', 'iv: V'])} }
    ${rarely('V', 'type V @shareable')} { ${fieldsOf('V', ['x: String', 'y: E'])} } ${rarely('E', 'enum E')} { ONE }`;
  for (const type of TYPES)
    for (const field of ['io', 'iv']) rules.set(`${type}.${field}`, rules.get(`Node.${field}`) ?? []);

  const whole = buildSchema(`${LEAVES}
    ${Object.entries(roots)
      .map(([type, fields]) => `type ${type} { ${fields.join(' ')} }`)
      .join(' ')}
    interface Node { id: ID! a: String e: E next: Node v: V io: String iv: V }
    union U = T0 | T1 | V type V { x: String y: E }
    ${entities.map(({ type, first: own, second: more }) => `type ${type} implements Node { id: ID! ${[...own, ...more].join(' ')} sh: String c: String r: String io: String iv: V }`).join('\n')}`);
  return { subgraphs: { first, second, third }, whole, rules };
}
