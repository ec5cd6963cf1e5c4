import {
  type GraphQLCompositeType,
  type GraphQLSchema,
  Kind,
  type SelectionSetNode,
  buildSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
} from 'graphql';

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

interface Rule {
  readonly authenticated: boolean;
  /** (a and b) or c */
  readonly scopes: readonly (readonly string[])[];
}

/** Who asks: nobody where there are no scopes at all. */
export type Viewer = readonly string[] | undefined;

const TYPES = ['T0', 'T1', 'T2'];
const RULES: readonly Rule[] = [
  { authenticated: true, scopes: [] },
  { authenticated: false, scopes: [['s']] },
  { authenticated: false, scopes: [['s', 't'], ['u']] },
  { authenticated: true, scopes: [['t']] },
];
const NONE: Rule = { authenticated: false, scopes: [] };

/** A schema of two subgraphs, with rules on fields, types and an enum; `whole` is the same as one schema. */
export interface RandomSchema {
  readonly first: string;
  readonly second: string;
  readonly whole: GraphQLSchema;
  readonly rules: ReadonlyMap<string, Rule>;
}

export function randomSchema(choose: Choose): RandomSchema {
  const rules = new Map<string, Rule>();
  const guarded = (coordinate: string, name: string, odds = [NONE, NONE, NONE, ...RULES]): string => {
    const rule = choose(odds);
    rules.set(coordinate, rule);
    const scopes = rule.scopes.length > 0 ? ` @requiresScopes(scopes: ${JSON.stringify(rule.scopes)})` : '';
    return `${name}${rule.authenticated ? ' @authenticated' : ''}${scopes}`;
  };
  const rarely = [NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, ...RULES];
  const fieldsOf = (type: string, fields: readonly string[]): string =>
    fields.map((field) => guarded(`${type}.${field.split(':')[0]}`, field)).join('\n');
  const next = (type: string): string => TYPES[(TYPES.indexOf(type) + 1) % TYPES.length] ?? '';
  const first = `
    ${guarded('E', 'enum E', rarely)} { ONE }
    type Query { ${fieldsOf('Query', ['t0: T0', 't1: T1', 'node: Node', 'nodes: [Node]'])} }
    interface Node { id: ID! a: String e: E next: Node }
    ${TYPES.map((type) => `${guarded(type, `type ${type} implements Node @key(fields: "id")`, rarely)} { id: ID! ${fieldsOf(type, ['a: String', 'b: String', 'e: E', `next: ${next(type)}`, 'node: Node'])} }`).join('\n')}`;
  const second = TYPES.map(
    (type) => `type ${type} @key(fields: "id") { id: ID! ${fieldsOf(type, ['c: String', 'd: String'])} }`,
  ).join('\n');
  const whole =
    buildSchema(`enum E { ONE } type Query { t0: T0 t1: T1 node: Node nodes: [Node] } interface Node { id: ID! a: String e: E next: Node }
    ${TYPES.map((type) => `type ${type} implements Node { id: ID! a: String b: String c: String d: String e: E next: ${next(type)} node: Node }`).join('\n')}`);
  return { first, second, whole, rules };
}

/** An operation, valid or not: fragments on all types, aliases that are other fields' names among them. */
export function randomOperation(choose: Choose): string {
  const selections = (type: string, depth: number): string =>
    Array.from({ length: choose([1, 2, 3, 4]) }, () => selection(type, depth)).join(' ');
  const selection = (type: string, depth: number): string => {
    const alias = choose(['', '', '', '', 'x: ', 'id: ', 'a: ', 'c: ', 'constructor: ']);
    if (type === 'Query')
      return `${choose(['', 'q: '])}${choose(['t0', 't1', 'node', 'nodes'])} { ${selections('', depth - 1)} }`;
    const kind = choose(depth > 0 ? ['leaf', 'leaf', 'leaf', 'link', 'fragment', 'fragment'] : ['leaf']);
    if (kind === 'leaf') return `${alias}${choose(['id', 'a', 'b', 'c', 'd', 'e', '__typename'])}`;
    if (kind === 'link') return `${choose(['next', 'node'])} { ${selections('', depth - 1)} }`;
    return `... on ${choose(['Node', ...TYPES])} { ${selections('', depth - 1)} }`;
  };
  return `{ ${selections('Query', 4)} }`;
}

/** The slow and obvious way: every field judged where it is written, by all types that it may be on and may return. */
export class Reference {
  readonly #schema: RandomSchema;
  readonly #viewer: Viewer;

  constructor(schema: RandomSchema, viewer: Viewer) {
    this.#schema = schema;
    this.#viewer = viewer;
  }

  mayAsk(type: GraphQLCompositeType, field: string): boolean {
    if (field === '__typename') return true;
    return this.#typesOf(type).every((parent) => {
      const definition = isObjectType(parent) ? parent.getFields()[field] : undefined;
      if (!definition) return false;
      const returned = getNamedType(definition.type);
      const results = isCompositeType(returned) ? this.#typesOf(returned) : [returned];
      return [parent.name, `${parent.name}.${field}`, ...results.map(({ name }) => name)].every((name) =>
        this.#meets(name),
      );
    });
  }

  answer(
    { selections }: SelectionSetNode,
    type: GraphQLCompositeType,
    concrete: string,
    into: Record<string, unknown> = {},
  ): Record<string, unknown> {
    const { whole } = this.#schema;
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        const name = selection.name.value;
        const key = selection.alias?.value ?? name;
        const known = Object.hasOwn(into, key) ? into[key] : undefined;
        into[key] = this.mayAsk(type, name)
          ? this.#value(selection.selectionSet, concrete, name, known)
          : (known ?? null);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = whole.getType(selection.typeCondition?.name.value ?? '');
        const object = whole.getType(concrete);
        if (!isCompositeType(condition) || !isObjectType(object)) throw new Error('an odd fragment');
        const applies = condition === object || (isAbstractType(condition) && whole.isSubType(condition, object));
        if (applies) this.answer(selection.selectionSet, isObjectType(type) ? type : condition, concrete, into);
      }
    }
    return into;
  }

  #value(set: SelectionSetNode | undefined, concrete: string, field: string, known: unknown): unknown {
    const object = this.#schema.whole.getType(concrete);
    if (field === '__typename') return concrete;
    const definition = isObjectType(object) ? object.getFields()[field] : undefined;
    if (!definition) throw new Error('an odd field');
    const returned = getNamedType(definition.type);
    if (!set || !isCompositeType(returned)) return leafOf(concrete, field);
    const results = resultsOf(concrete, field);
    const inside = (Array.isArray(results) ? results : [results]).map((result, index) =>
      this.answer(set, returned, result, (Array.isArray(known) ? known[index] : known) ?? {}),
    );
    return Array.isArray(results) ? inside : inside[0];
  }

  #typesOf(type: GraphQLCompositeType): readonly GraphQLCompositeType[] {
    return isAbstractType(type) ? this.#schema.whole.getPossibleTypes(type) : [type];
  }

  #meets(coordinate: string): boolean {
    const { authenticated, scopes } = this.#schema.rules.get(coordinate) ?? NONE;
    if (authenticated && this.#viewer === undefined) return false;
    return scopes.length === 0 || scopes.some((all) => all.every((scope) => this.#viewer?.includes(scope)));
  }
}

/** What every leaf is. */
export const leafOf = (type: string, field: string): string =>
  field === 'e' ? 'ONE' : field === 'id' ? type : `${type}.${field}`;

/** The types of the objects that a field returns. */
export function resultsOf(type: string, field: string): string | readonly string[] {
  if (field === 'nodes') return TYPES;
  if (field === 't0' || field === 't1') return field.toUpperCase();
  if (field === 'node') return type === 'Query' ? 'T2' : type;
  return TYPES[(TYPES.indexOf(type) + 1) % TYPES.length] ?? '';
}
