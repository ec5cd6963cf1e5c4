import { type FieldDefinitionNode, type InputValueDefinitionNode, print } from 'graphql';
import type { DeclaredType } from '../compose/declared-types.ts';
import { namedTypeOf } from '../compose/directive-arguments.ts';

/** Whether a type is, or tries to be, a connection (GraphQL Cursor Connections Specification). */
export const isConnection = ({ fields }: DeclaredType): boolean => fields.has('edges') || fields.has('pageInfo');

/** What pages of a connection are merged by: the coordinates of it, and what is missing or cannot be merged. */
export interface ReadConnection {
  readonly needs: readonly string[];
  readonly faults: readonly string[];
}

/**
 * Reads the connection that a field (`coordinate`, `node`) returns. To merge its pages takes `first`, `after` and
 * `afterRecord`, of each edge `node`, `cursor`, `sortKey` and `recordId`, and of the page `hasNextPage` and `endCursor`;
 * beyond its edges a connection may have `nodes` and `totalCount`.
 */
export function readConnection(
  types: ReadonlyMap<string, DeclaredType>,
  coordinate: string,
  node: FieldDefinitionNode,
  connection: DeclaredType,
): ReadConnection {
  const reading = new Reading(types);
  const given = new Map((node.arguments ?? []).map((argument) => [argument.name.value, argument]));
  reading.argument(coordinate, 'first', 'Int', given.get('first'));
  reading.argument(coordinate, 'after', 'String', given.get('after'));
  const position = given.get('afterRecord');
  reading.argument(coordinate, 'afterRecord', position ? namedTypeOf(position.type) : 'ListPosition', position);
  if (position) reading.position(namedTypeOf(position.type));
  for (const name of ['before', 'last'])
    if (given.has(name)) reading.faults.push(`leave out its argument ${name}, since pages go forward only`);
  for (const name of connection.fields.keys())
    if (!OF_A_CONNECTION.has(name)) reading.faults.push(`leave out ${connection.name}.${name}, which is of no page`);
  const edge = reading.below(connection, 'edges', /^\[\w+!?\]!?$/u, 'a list of edges');
  if (edge) {
    reading.field(edge, 'node', /./u, 'the record');
    reading.field(edge, 'cursor', /^String!?$/u, 'String!');
    reading.field(edge, 'sortKey', /^String!?$/u, 'String');
    reading.field(edge, 'recordId', /^ID!?$/u, 'ID');
  }
  const page = reading.below(connection, 'pageInfo', /^\w+!?$/u, 'PageInfo!');
  if (page) {
    reading.field(page, 'hasNextPage', /^Boolean!?$/u, 'Boolean!');
    reading.field(page, 'endCursor', /^String!?$/u, 'String');
  }
  return reading;
}

const OF_A_CONNECTION: ReadonlySet<string> = new Set(['edges', 'nodes', 'pageInfo', 'totalCount']);

/** The fields of a `ListPosition`. */
const POSITION = ['sortKey: String!', 'custodian: String!', 'id: ID!'];

/** Notes what is there as needed, and what is not as a fault that says what to write. */
class Reading implements ReadConnection {
  readonly needs: string[] = [];
  readonly faults: string[] = [];
  readonly #types: ReadonlyMap<string, DeclaredType>;

  constructor(types: ReadonlyMap<string, DeclaredType>) {
    this.#types = types;
  }

  argument(coordinate: string, name: string, type: string, given: InputValueDefinitionNode | undefined): void {
    if (given && [type, `${type}!`].includes(print(given.type))) this.needs.push(`${coordinate}(${name}:)`);
    else this.faults.push(`write its argument ${name}: ${type}`);
  }

  /** `printed`: how the type must be written; `told`: the same, in what to write. */
  field(
    { name: type, fields }: DeclaredType,
    name: string,
    printed: RegExp,
    told: string,
  ): FieldDefinitionNode | undefined {
    const node = fields.get(name)?.node;
    const isThere = node !== undefined && printed.test(print(node.type));
    if (isThere) this.needs.push(`${type}.${name}`);
    else this.faults.push(`write ${type}.${name}: ${told}`);
    return isThere ? node : undefined;
  }

  /** The object type that a field returns. */
  below(type: DeclaredType, name: string, printed: RegExp, told: string): DeclaredType | undefined {
    const node = this.field(type, name, printed, told);
    const below = node && this.#types.get(namedTypeOf(node.type));
    if (below?.kind === 'Object') return below;
    if (node) this.faults.push(`write ${type.name}.${name}: ${told}`);
    return undefined;
  }

  position(type: string): void {
    const inputFields = this.#types.get(type)?.inputFields;
    const written = Array.from(inputFields?.values() ?? [], ({ node }) => `${node.name.value}: ${print(node.type)}`);
    this.needs.push(...POSITION.map((field) => `${type}.${field.split(':', 1)[0]}`));
    if (written.toSorted().join() !== POSITION.toSorted().join())
      this.faults.push(`write input ${type} { ${POSITION.join(' ')} }`);
  }
}
