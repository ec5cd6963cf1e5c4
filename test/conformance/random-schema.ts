import { type GraphQLSchema, buildSchema } from 'graphql';

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

/** What an element needs: all three where there are several, of scopes and policies one of the inner lists. */
export interface Rule {
  readonly authenticated: boolean;
  /** (a and b) or c */
  readonly scopes: readonly (readonly string[])[];
  readonly policies: readonly (readonly string[])[];
}

export const NONE: Rule = { authenticated: false, scopes: [], policies: [] };

const RULES: readonly Rule[] = [
  { ...NONE, authenticated: true },
  { ...NONE, scopes: [['s']] },
  { ...NONE, scopes: [['s', 't'], ['u']] },
  { ...NONE, authenticated: true, scopes: [['t']] },
  { ...NONE, policies: [['p'], ['q', 'r']] },
  { ...NONE, scopes: [['u']], policies: [['q']] },
];

export const TYPES = ['T0', 'T1', 'T2'] as const;

/** What a field returns, whatever of it may be null: the types of the objects that it finds, lists as they are. */
export type Results = string | readonly Results[];

interface FieldMade {
  readonly name: string;
  /** As it is written, `[T0!]`. */
  readonly type: string;
  readonly results?: Results;
}

/** A schema of two subgraphs, with rules wherever rules may be; `whole` is the same as one schema. */
export interface RandomSchema {
  readonly first: string;
  readonly second: string;
  readonly whole: GraphQLSchema;
  readonly rules: ReadonlyMap<string, Rule>;
  /** Of a field (`Type.field`) that returns objects, their types. */
  readonly results: ReadonlyMap<string, Results>;
}

/** Of which objects a field's value is. */
export const resultsAt = ({ results }: RandomSchema, type: string, field: string): Results =>
  results.get(`${type}.${field}`) ?? [];

/** What every leaf is. */
export const leafOf = (type: string, field: string): string =>
  field === 'e' ? 'ONE' : field === 'id' ? type : `${type}.${field}`;

export function randomSchema(choose: Choose): RandomSchema {
  const rules = new Map<string, Rule>();
  const results = new Map<string, Results>();
  const usually = [NONE, NONE, NONE, NONE, ...RULES];
  const rarely = [...Array.from({ length: 14 }, () => NONE), ...RULES];
  const guarded = (coordinate: string, name: string, rule: Rule): string => {
    rules.set(coordinate, rule);
    const directives = [
      rule.authenticated ? '@authenticated' : '',
      rule.scopes.length > 0 ? `@requiresScopes(scopes: ${JSON.stringify(rule.scopes)})` : '',
      rule.policies.length > 0 ? `@policy(policies: ${JSON.stringify(rule.policies)})` : '',
    ];
    return [name, ...directives].join(' ');
  };
  const fieldsOf = (type: string, fields: readonly FieldMade[]): string =>
    fields
      .map(({ name, type: returned, results: found }) => {
        if (found !== undefined) results.set(`${type}.${name}`, found);
        return guarded(`${type}.${name}`, `${name}: ${returned}`, choose(usually));
      })
      .join('\n');
  const needed = (): string => choose(['', '', '!']);
  const leaf = (name: string, type: string): FieldMade => ({ name, type: `${type}${needed()}` });
  const link = (name: string, type: string, found: Results): FieldMade => ({
    name,
    type: `${type}${needed()}`,
    results: found,
  });
  const list = (name: string, type: string, found: Results): FieldMade => link(name, `[${type}${needed()}]`, found);
  const members = choose([
    ['T0', 'T1'],
    ['T1', 'T2'],
  ]);
  const roots = [
    link('t0', 'T0', 'T0'),
    link('t1', 'T1', 'T1'),
    link('node', 'Node', 'T2'),
    list('nodes', 'Node', TYPES),
    link('any', 'U', members[1] ?? ''),
    list('grid', `[T0${needed()}]`, [['T0', 'T0'], ['T0']]),
  ];
  const objects = TYPES.map((type, n) => {
    const next = TYPES[(n + 1) % TYPES.length] ?? 'T0';
    const own = [
      ...['a', 'b'].map((name) => leaf(name, 'String')),
      leaf('s', 'S'),
      leaf('e', 'E'),
      link('next', next, next),
      link('node', 'Node', type),
      list('some', 'U', members),
    ];
    return { type, own, others: ['c', 'd'].map((name) => leaf(name, 'String')), needing: leaf('r', 'String') };
  });
  const mutations = [link('m', 'T0', 'T0'), leaf('n', 'String')];
  const node = 'interface Node { id: ID! a: String e: E next: Node }';
  const first = `
    ${guarded('E', 'enum E', choose(rarely))} { ONE }
    ${guarded('S', 'scalar S', choose(rarely))}
    type Query { ${fieldsOf('Query', roots)} }
    type Mutation { ${fieldsOf('Mutation', mutations)} }
    ${node}
    union U = ${members.join(' | ')}
    ${objects.map(({ type, own }) => `${guarded(type, `type ${type} implements Node @key(fields: "id")`, choose(rarely))} { id: ID! ${fieldsOf(type, own)} }`).join('\n')}`;
  // Federation refuses a field that is guarded less than what its subgraph is handed with it.
  const requiring = (type: string, { name, type: returned }: FieldMade): string =>
    guarded(`${type}.${name}`, `${name}: ${returned} @requires(fields: "a")`, rules.get(`${type}.a`) ?? NONE);
  const second = objects
    .map(({ type, own, others, needing }) => {
      const a = own.find(({ name }) => name === 'a')?.type ?? '';
      return `type ${type} @key(fields: "id") { id: ID! a: ${a} @external ${fieldsOf(type, others)} ${requiring(type, needing)} }`;
    })
    .join('\n');
  const written = (fields: readonly FieldMade[]): string =>
    fields.map(({ name, type }) => `${name}: ${type}`).join(' ');
  const whole = buildSchema(`enum E { ONE } scalar S union U = ${members.join(' | ')} ${node}
    type Query { ${written(roots)} } type Mutation { ${written(mutations)} }
    ${objects.map(({ type, own, others, needing }) => `type ${type} implements Node { id: ID! ${written([...own, ...others, needing])} }`).join('\n')}`);
  return { first, second, whole, rules, results };
}

/** Operations with fragments on all types, aliases that are other fields' names among them, and conditions. */
export function randomOperation(choose: Choose): string {
  const fragments: string[] = [];
  const condition = (): string =>
    choose(['', '', '', '', '', ' @include(if: $yes)', ' @skip(if: $no)', ' @skip(if: $yes)', ' @include(if: $no)']);
  const selections = (type: string, depth: number): string =>
    Array.from({ length: choose([1, 2, 3, 4]) }, () => selection(type, depth)).join(' ');
  const root = (type: string, depth: number): string => {
    if (type === 'Mutation') return choose(['n', `m { ${selections('', depth - 1)} }`]);
    const name = choose(['t0', 't1', 'node', 'nodes', 'any', 'grid']);
    return `${choose(['', 'q: '])}${name}${condition()} { ${selections(name === 'any' ? 'U' : '', depth - 1)} }`;
  };
  const selection = (type: string, depth: number): string => {
    if (type === 'Query' || type === 'Mutation') return root(type, depth);
    const kind = choose(depth > 0 ? ['leaf', 'leaf', 'leaf', 'link', 'fragment', 'fragment', 'named'] : ['leaf']);
    if (kind === 'leaf') {
      const alias = choose(['', '', '', '', 'x: ', 'id: ', 'a: ', 'c: ', 'constructor: ']);
      return `${alias}${choose(['id', 'a', 'b', 'c', 'd', 'e', 's', 'r', '__typename'])}${condition()}`;
    }
    if (kind === 'link') return `${choose(['next', 'node', 'some'])}${condition()} { ${selections('', depth - 1)} }`;
    const fragment = `on ${choose(['Node', 'U', ...TYPES])}`;
    if (kind === 'fragment') return `... ${fragment}${condition()} { ${selections('', depth - 1)} }`;
    const name = `F${fragments.length}`;
    fragments.push('');
    fragments[Number(name.slice(1))] = `fragment ${name} ${fragment} { ${selections('', depth - 1)} }`;
    return `...${name}${condition()}`;
  };
  const type = choose(['Query', 'Query', 'Query', 'Mutation']);
  const set = `{ ${selections(type, 4)} }`;
  const declared = /\$(?:yes|no)\b/u.test(`${set} ${fragments.join(' ')}`);
  const used = ['yes', 'no'].filter((name) => `${set} ${fragments.join(' ')}`.includes(`$${name})`));
  const variables = declared ? `(${used.map((name) => `$${name}: Boolean!`).join(', ')})` : '';
  return [`${type.toLowerCase()}${variables} ${set}`, ...fragments].join('\n');
}
