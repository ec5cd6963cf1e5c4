import { type InputValueDefinitionNode, Kind, type TypeNode } from 'graphql';
import { type DeclaredField, type DeclaredType, declaredTypes } from '../compose/declared-types.ts';
import { AMANA, argumentOf, isDirective, namedTypeOf } from '../compose/directive-arguments.ts';
import type { AppliedDirective } from '../compose/schema-elements.ts';
import type { SubgraphSchema } from '../compose/subgraph-schema.ts';
import { isConnection, readConnection } from './connections.ts';
import type { GatherRule, GatheredField } from './gather-rules.ts';

/** A field whose rule cannot be told; the message says what to write. */
class Fault {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** Goes through a contract once, from Query, Mutation and the entities on. */
export class RuleDerivation {
  readonly fields = new Map<string, GatheredField>();
  readonly entities: ReadonlySet<string>;
  readonly records: ReadonlySet<string>;
  readonly faults: string[] = [];
  readonly #contract: SubgraphSchema;
  readonly #types: ReadonlyMap<string, DeclaredType>;

  constructor(contract: SubgraphSchema) {
    this.#contract = contract;
    this.#types = declaredTypes(contract);
    const objects = [...this.#types.values()].filter(({ kind }) => kind === 'Object');
    this.entities = namesOf(objects.filter(({ keys }) => keys.some(({ isResolvable }) => isResolvable)));
    this.records = namesOf(objects.filter(isRecord));
    this.#refuseKeys();
    // Types that are reached on the way are added to the set, and come last.
    const reached = new Set(['Query', 'Mutation', ...this.entities]);
    for (const name of reached) for (const below of this.#within(name)) reached.add(below);
    this.#refuseUseless();
  }

  /** Decides every field of one type; answers the types below that are gathered too. */
  *#within(name: string): Generator<string> {
    const type = this.#types.get(name);
    for (const field of type?.fields.values() ?? []) {
      if (!type || FEDERATIONS_OWN.has(field.coordinate)) continue;
      const decided = this.#decide(type, field);
      if (decided instanceof Fault) {
        this.faults.push(`${field.coordinate}: ${decided.message}`);
        continue;
      }
      this.fields.set(field.coordinate, decided);
      if (decided.rule === 'OBJECT') yield namedTypeOf(field.node.type);
    }
  }

  #decide(type: DeclaredType, field: DeclaredField): GatheredField | Fault {
    const declared = this.#declared(field);
    if (declared instanceof Fault) return declared;
    const custodian = field.node.arguments?.find((argument) => argument.name.value === 'custodian');
    if (custodian && !NAMES.has(nameOf(custodian.type)))
      return new Fault('its argument custodian names one host; write custodian: ID or custodian: String');
    if (type.name === 'Mutation' && !isRequired(custodian))
      return new Fault('a mutation goes to one host; give it a required argument custodian: ID!');
    const isKey = type.keys.some(({ fields }) => fields?.includes(field.node.name.value));
    const implied = this.#implied(field, isKey, isRequired(custodian));
    if (implied instanceof Fault) return implied;
    if (implied && declared) return new Fault(`@gather says nothing on ${TOLD[implied.rule]}; leave it out`);
    const found = implied ?? this.#single(field, declared);
    return found instanceof Fault ? found : { ...found, takesCustodian: custodian !== undefined };
  }

  /** What follows from the field itself, whatever is declared; undefined where nothing does. */
  #implied({ node, coordinate }: DeclaredField, isKey: boolean, isRouted: boolean): Rule | Fault | undefined {
    if (isKey) return ruled('SAME');
    if (isRouted) return ruled('ROUTED');
    if (isList(node.type)) return ruled('CONCATENATE');
    const type = this.#types.get(namedTypeOf(node.type));
    if (!type || !isConnection(type)) return undefined;
    const { needs, faults } = readConnection(this.#types, coordinate, node, type);
    return faults.length > 0 ? new Fault(`its pages cannot be merged: ${faults.join('; ')}`) : ruled('PAGES', needs);
  }

  /** A single value: an object, or a leaf. */
  #single({ node, type }: DeclaredField, declared: Declared | undefined): Rule | Fault {
    const name = namedTypeOf(node.type);
    const kind = this.#types.get(name)?.kind;
    if (declared && declared !== 'FIRST' && !NUMBERS.has(name))
      return new Fault(`${declared} is of numbers, Int or Float; write @gather(rule: FIRST)`);
    if (declared) return ruled(declared);
    if (kind === 'Interface' || kind === 'Union')
      return new Fault('hosts may answer it with different types; write @gather(rule: FIRST), or make it a list');
    if (kind === 'Object' && this.records.has(name))
      return new Fault(
        `${name} is a record, and two hosts' are not one; write @gather(rule: FIRST), or make it a list`,
      );
    if (kind === 'Object') return ruled('OBJECT');
    const rules = NUMBERS.has(name) ? 'SUM, MIN, MAX or FIRST' : 'FIRST';
    const above = this.#isEntry(type) ? '' : `, or FIRST on the field that returns ${type}`;
    return new Fault(`hosts may answer it differently; write @gather with ${rules}${above}, or make it a list`);
  }

  /** Whether a type is gathered because of what it is, and not because of what returns it. */
  #isEntry(type: string): boolean {
    return type === 'Query' || type === 'Mutation' || this.entities.has(type);
  }

  #declared({ directives }: DeclaredField): Declared | Fault | undefined {
    const [directive, ...others] = directives.filter((one) => this.#isGather(one));
    if (!directive) return undefined;
    const rule = argumentOf(directive, 'rule');
    if (others.length > 0) return new Fault('it has more than one @gather; write one');
    return isDeclared(rule) ? rule : new Fault('its @gather names no rule; write SUM, MIN, MAX or FIRST');
  }

  /** Linked as Amana's, under whatever name, or defined in the contract without a link. */
  #isGather(directive: AppliedDirective): boolean {
    const { localName, element } = directive;
    if (element) return isDirective(directive, 'gather', AMANA);
    return (
      localName === 'gather' &&
      this.#contract.document.definitions.some(
        (node) => node.kind === Kind.DIRECTIVE_DEFINITION && node.name.value === localName,
      )
    );
  }

  #refuseKeys(): void {
    for (const { name, kind, keys } of this.#types.values()) {
      if (kind === 'Interface' && keys.length > 0)
        this.faults.push(`${name}: an interface with a @key is not gathered; give the objects the @key`);
      if (keys.some(({ fields }) => fields === undefined))
        this.faults.push(`${name}: its @key selects within a field; write a @key of fields that hold a single value`);
    }
  }

  /** `@gather` where no rule is looked for. */
  #refuseUseless(): void {
    for (const { name, kind, fields } of this.#types.values()) {
      for (const { coordinate, directives } of fields.values()) {
        const isDecided =
          this.fields.has(coordinate) || this.faults.some((fault) => fault.startsWith(`${coordinate}:`));
        if (isDecided || !directives.some((directive) => this.#isGather(directive))) continue;
        this.faults.push(
          kind === 'Interface'
            ? `${coordinate}: @gather says nothing on a field of an interface; write it on the objects' fields`
            : `${coordinate}: @gather says nothing here, since ${name} is one host's alone; leave it out`,
        );
      }
    }
  }
}

type Rule = Omit<GatheredField, 'takesCustodian'>;
type Declared = 'SUM' | 'MIN' | 'MAX' | 'FIRST';

const DECLARED: ReadonlySet<unknown> = new Set<Declared>(['SUM', 'MIN', 'MAX', 'FIRST']);
const isDeclared = (rule: unknown): rule is Declared => DECLARED.has(rule);

const NUMBERS: ReadonlySet<string> = new Set(['Int', 'Float']);

/** The types of an argument that names a custodian. */
const NAMES: ReadonlySet<string | undefined> = new Set(['ID', 'String']);

/** What a subgraph library may print with the schema (Federation subgraph specification). */
const FEDERATIONS_OWN: ReadonlySet<string> = new Set(['Query._service', 'Query._entities']);

const TOLD: Readonly<Partial<Record<GatherRule, string>>> = {
  SAME: 'a key, which all hosts answer alike',
  ROUTED: 'a field that goes to one host',
  CONCATENATE: 'a list, which holds what all hosts answer',
  PAGES: 'a connection, whose pages are merged',
};

const ruled = (rule: GatherRule, needs: readonly string[] = []): Rule => ({ rule, needs });

const isRecord = ({ fields, keys }: DeclaredType): boolean =>
  fields.has('id') && !keys.some((key) => key.fields?.includes('id'));

const namesOf = (types: readonly DeclaredType[]): ReadonlySet<string> => new Set(types.map(({ name }) => name));

const isRequired = (argument: InputValueDefinitionNode | undefined): boolean =>
  argument?.type.kind === Kind.NON_NULL_TYPE && argument.defaultValue === undefined;

const isList = (type: TypeNode): boolean =>
  type.kind === Kind.NON_NULL_TYPE ? isList(type.type) : type.kind === Kind.LIST_TYPE;

/** The type of a single value; undefined for a list. */
const nameOf = (type: TypeNode): string | undefined => (isList(type) ? undefined : namedTypeOf(type));
