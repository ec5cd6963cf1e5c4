import {
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isUnionType,
} from 'graphql';
import { FINDINGS, IDS, PERSONS, PLACES } from './given-hosts.ts';

/** Where the page of a list stands that is walked through, and the variable by which it goes on. */
export interface Walked {
  readonly path: readonly (string | number)[];
  readonly variable: string;
}

/** An operation of a client's, valid or not, and the lists in it that are walked through. */
export interface RandomQuestion {
  readonly text: string;
  readonly walked: readonly Walked[];
}

/** Fields of the gateway itself. */
const OWN: ReadonlySet<string> = new Set(['viewer', 'custodians']);

/**
 * One that asks for lists, some of them walked through, and what else the schema has, however it may be written. What is
 * chosen follows from the numbers; fewer of them make a smaller question.
 */
export function randomQuestion(schema: GraphQLSchema, numbers: readonly number[]): RandomQuestion {
  return new Writing(schema, numbers).question();
}

class Writing {
  readonly #schema: GraphQLSchema;
  readonly #numbers: readonly number[];
  readonly #fragments: string[] = [];
  #at = 0;

  constructor(schema: GraphQLSchema, numbers: readonly number[]) {
    this.#schema = schema;
    this.#numbers = numbers;
  }

  #choose<Item>(items: readonly Item[]): Item {
    const item = items[(this.#numbers[this.#at++] ?? 0) % items.length];
    if (item === undefined) throw new Error('nothing to choose from');
    return item;
  }

  question(): RandomQuestion {
    const walks = [0, 1, 2].filter(() => this.#choose([false, true]));
    const walked = walks.map((walk): Walked => ({
      variable: `a${walk}`,
      path: walk === 2 ? ['w2', 0, 'w'] : [`w${walk}`],
    }));
    const roots = walks.map((walk) => this.#walkedList(walk));
    const others = this.#selections(this.#schema.getType('Query'), 8);
    const body = `{ ${roots.join(' ')} ${others} } ${this.#fragments.join(' ')}`;
    const variables = [
      ...walked.map(({ variable }) => `$${variable}: String`),
      '$yes: Boolean = true',
      '$no: Boolean!',
    ];
    const declared = variables.filter((variable) => body.includes(variable.split(':', 1)[0] ?? ''));
    return { text: `query ${declared.length > 0 ? `(${declared.join(', ')})` : ''} ${body}`, walked };
  }

  #walkedList(walk: number): string {
    const arguments_ = `first: ${this.#choose([1, 2, 3, 5, 8, 12])}, after: $a${walk}`;
    const type = walk === 1 ? 'ItemConnection' : 'PhotographConnection';
    const inside = `pageInfo { hasNextPage endCursor } ${this.#selections(this.#schema.getType(type), 5)}`;
    if (walk === 1) return `w1: items(${arguments_}) { ${inside} }`;
    const list = `photographs(${arguments_}${this.#filter()}) { ${inside} }`;
    return walk === 0 ? `w0: ${list}` : `w2: persons(ids: ["${this.#choose(PERSONS)}"]) { w: ${list} }`;
  }

  #selections(type: GraphQLNamedType | undefined, depth: number): string {
    return Array.from({ length: this.#choose([1, 2, 3, 4]) }, () => this.#selection(type, depth)).join(' ');
  }

  #selection(type: GraphQLNamedType | undefined, depth: number): string {
    if (!isCompositeType(type)) throw new Error('a selection of nothing');
    const fields = isUnionType(type) ? [] : Object.values(type.getFields()).filter(({ name }) => !OWN.has(name));
    const links = fields.filter((one) => isCompositeType(getNamedType(one.type)));
    const leaves = fields.filter((one) => !links.includes(one)).map(({ name }) => name);
    const kinds = [
      ...leaves.slice(0, 3).map(() => 'leaf'),
      ...(isAbstractType(type) ? ['fragment', 'fragment', 'fragment'] : ['fragment']),
      ...links.flatMap(() => ['link', 'link']),
    ];
    const kind = depth > 0 ? this.#choose(kinds) : 'leaf';
    if (kind === 'fragment') return this.#fragment(type, depth);
    const name = this.#choose(kind === 'link' ? links.map((link) => link.name) : ['__typename', ...leaves]);
    const field = fields.find((one) => one.name === name);
    if (!field) return '__typename';
    const inner = getNamedType(field.type);
    const given = this.#arguments(`${type.name}.${field.name}`);
    // What is asked for by different arguments has different names, and is asked for twice where they are the same.
    const alias = given
      ? `${field.name}${given.replace(/\W+/gu, '_')}: `
      : this.#choose([...Array.from({ length: 12 }, () => ''), `its_${field.name}: `, `its_${field.name}: `, 'id: ']);
    const inside = isCompositeType(inner) ? ` { ${this.#selections(inner, depth - 1)} }` : '';
    return `${alias}${field.name}${given}${this.#directive()}${inside}`;
  }

  #fragment(type: GraphQLNamedType, depth: number): string {
    const on = this.#choose(Object.values(this.#schema.getTypeMap()).filter((other) => this.#overlap(type, other)));
    const kind = this.#choose(['named', 'inline', 'bare']);
    if (kind === 'bare') return `...${this.#directive()} { ${this.#selections(type, depth - 1)} }`;
    const inside = this.#selections(on, depth - 1);
    if (kind === 'inline') return `... on ${on.name}${this.#directive()} { ${inside} }`;
    const name = `F${this.#fragments.length}`;
    this.#fragments.push(`fragment ${name} on ${on.name} { ${inside} }`);
    return `...${name}${this.#directive()}`;
  }

  #overlap(one: GraphQLNamedType, other: GraphQLNamedType): boolean {
    const possible = (type: GraphQLNamedType): readonly GraphQLNamedType[] =>
      isAbstractType(type) ? this.#schema.getPossibleTypes(type) : [type];
    return isCompositeType(other) && possible(one).some((type) => possible(other).includes(type));
  }

  #directive(): string {
    const some = ['@skip(if: $no)', '@include(if: $yes)', '@include(if: $no)', '@skip(if: true)', '@include(if: true)'];
    return this.#choose([...Array.from({ length: 12 }, () => ''), ...some]);
  }

  #arguments(coordinate: string): string {
    const list = (): string => `(first: ${this.#choose([1, 2, 4])}${this.#filter()})`;
    const custodian = (): string => `(custodian: "${this.#choose([...IDS, 'nobody'])}")`;
    const given: Readonly<Record<string, () => string>> = {
      'Query.about': custodian,
      'Query.places': () => this.#choose([() => '', custodian])(),
      'Query.persons': () =>
        `(ids: ${JSON.stringify(this.#choose([PERSONS.slice(0, 1), PERSONS.slice(1), PERSONS, []]))})`,
      'Query.items': () => `(first: ${this.#choose([1, 3, 6])})`,
      'Query.photographs': list,
      'Person.photographs': list,
      'Photograph.isAmong': this.#choose([
        () => '',
        () => `(ids: ${this.#ids()})`,
        () => `(but: "${this.#choose(IDS)}:1")`,
        () => `(like: { place: "${this.#choose(PLACES)}" })`,
        () => `(like: { finding: "${this.#choose(FINDINGS)}", id: ${this.#ids()} })`,
      ]),
    };
    return given[coordinate]?.() ?? '';
  }

  #filter(): string {
    const none = (): string => '';
    const filter = this.#choose([
      none,
      none,
      none,
      none,
      () => `place: "${this.#choose(PLACES)}"`,
      () => `finding: "${this.#choose(FINDINGS)}"`,
      () => `id: ${this.#ids()}`,
    ])();
    return filter && `, filter: { ${filter} }`;
  }

  #ids(): string {
    const count = this.#choose([0, 1, 2, 5]);
    const ids = Array.from(
      { length: count },
      () => `"${this.#choose([...IDS, 'nobody'])}:${this.#choose([0, 1, 2, 3])}"`,
    );
    return `[${ids.join(', ')}]`;
  }
}
