import { type GraphQLFieldResolver, type GraphQLResolveInfo, type GraphQLSchema, execute, parse } from 'graphql';
import { type GivenHost, failureAt } from './given-hosts.ts';
import { type LightRecord, holderOf, isAmong, isPhotograph } from './light-archive.ts';
import { type Needs, needsOfFilter } from './needed-scopes.ts';
import { ToldOfHosts, patternOf } from './one-answer.ts';
import { onePage } from './one-page.ts';
import { type Arguments, type Person, WhoAnswers, failure, serves } from './who-answers.ts';

/** What one host that holds all records answers. */
export interface OneAnswer {
  readonly data: unknown;
  /** `pattern CODE` */
  readonly errors: ReadonlySet<string>;
  readonly told: ToldOfHosts;
}

/** What is asked, by a schema in which fields need some scopes. */
export interface AskedOfOne {
  readonly schema: GraphQLSchema;
  readonly needs: Needs;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * The slow and obvious way to answer for many hosts: all of their records are in one place, and of each it is asked whether
 * its host grants what is asked for, and answers at this step of a walk.
 */
export async function askOneHost(
  { schema, needs, query, variables }: AskedOfOne,
  hosts: readonly GivenHost[],
  step: number,
): Promise<OneAnswer> {
  const told = new ToldOfHosts();
  const { data, errors = [] } = await execute({
    schema,
    document: parse(query),
    variableValues: variables,
    rootValue: {},
    fieldResolver: new OneHost(new WhoAnswers(hosts, step, needs, told), needs, told).resolve,
    typeResolver: (record) => (isPhotograph(record as LightRecord) ? 'Photograph' : 'Note'),
  });
  const failed = errors.map(({ path = [], extensions: { code } }) => `${patternOf(path)} ${String(code)}`);
  return { data, errors: new Set(failed), told };
}

class OneHost {
  readonly #who: WhoAnswers;
  readonly #needs: Needs;
  readonly #told: ToldOfHosts;

  constructor(who: WhoAnswers, needs: Needs, told: ToldOfHosts) {
    this.#who = who;
    this.#needs = needs;
    this.#told = told;
  }

  // oxlint-disable-next-line typescript/no-explicit-any -- what a parent is follows from its type
  readonly resolve: GraphQLFieldResolver<any, unknown, any> = (parent, given: Arguments, _, info) => {
    const coordinate = `${info.parentType.name}.${info.fieldName}`;
    const parts = { who: this.#who, told: this.#told };
    switch (coordinate) {
      case 'Query.persons':
        return given.ids?.map((id) => ({ id }));
      case 'Query.photographs':
        return onePage(parts, info, given, undefined, isPhotograph);
      case 'Person.photographs':
        return onePage(parts, info, given, parent, (one) => isPhotograph(one) && one.person === parent.id);
      case 'Query.items':
        return onePage(parts, info, given, undefined, () => true);
      case 'Query.things':
        return this.#of(info, given, undefined, (hosts) => this.#told.count(hosts.flatMap(({ records }) => records)));
      case 'Query.places':
        return this.#of(info, given, undefined, (hosts) => hosts.flatMap(placesOf));
      case 'Query.labels':
        return this.#of(info, given, undefined, (hosts) =>
          hosts.flatMap(({ id }) => [1, 2].map((at) => ({ text: `${id} ${at}`, by: id }))),
        );
      case 'Query.about':
        return this.#of(info, given, undefined, ([host]) => host && { name: host.id });
      case 'Query.motto':
        return this.#of(info, given, undefined, ([host]) => host && `of ${host.id}`);
      case 'Query.size':
        return this.#number(info, undefined, (hosts) => hosts.flatMap(({ records }) => records).length);
      case 'Query.newest':
        return this.#number(info, undefined, (hosts) => Math.max(...hosts.flatMap(lengthsOf)));
      case 'Query.oldest':
        return this.#number(info, undefined, (hosts) => Math.min(...hosts.flatMap(lengthsOf)));
      case 'Person.counts':
        return this.#of(info, given, parent, () => parent);
      case 'Counts.photographs':
        return this.#countOf(info, parent);
      case 'Person.name':
        return 'N';
      case 'PhotographConnection.nodes':
      case 'ItemConnection.nodes':
        return this.#told.count(parent.rows);
      case 'PhotographConnection.totalCount':
      case 'ItemConnection.totalCount':
        return this.#unlessFailing(info, parent.uncounted, parent.totalCount);
      case 'PhotographEdge.node':
      case 'ItemEdge.node':
        return this.#told.count([parent.record])[0];
      default:
        return info.parentType.name === 'Photograph' || info.parentType.name === 'Note'
          ? this.#ofRecord(parent, given, info)
          : parent[info.fieldName];
    }
  };

  #of(
    info: GraphQLResolveInfo,
    given: Arguments,
    person: Person | undefined,
    value: (answering: readonly GivenHost[]) => unknown,
  ): unknown {
    const { answering } = this.#who.of(info, given, person);
    const isGranted = this.#who.hosts.some(({ scopes }) => scopes?.includes('ngo:registered'));
    if (isGranted && given.custodian && !this.#who.hosts.some(({ id }) => id === given.custodian))
      throw failure('BAD_USER_INPUT');
    return answering.length > 0 ? value(answering) : null;
  }

  /** Nobody's number is known where one host's is not. */
  #number(
    info: GraphQLResolveInfo,
    person: Person | undefined,
    value: (answering: readonly GivenHost[]) => number,
  ): number | null {
    const { answering, failing } = this.#who.of(info, {}, person);
    const number = this.#unlessFailing(info, failing, value(answering));
    return answering.length > 0 && Number.isFinite(number) ? number : null;
  }

  #unlessFailing(info: GraphQLResolveInfo, failing: readonly GivenHost[], number: number | null): number | null {
    for (const { id } of failing) this.#told.tell(id, info.path, 'NOT_COUNTED');
    return failing.length > 0 ? null : number;
  }

  #countOf(info: GraphQLResolveInfo, person: Person): number | null {
    const isTheirs = (one: LightRecord): boolean => isPhotograph(one) && one.person === person.id;
    return this.#number(info, person, (hosts) => hosts.flatMap(({ records }) => records.filter(isTheirs)).length);
  }

  #ofRecord(record: LightRecord, given: Arguments, { parentType, fieldName, path }: GraphQLResolveInfo): unknown {
    const coordinate = `${parentType.name}.${fieldName}`;
    const host = this.#who.hosts.find(({ id }) => id === holderOf(record.id));
    const needs = [...this.#needs(coordinate), ...needsOfFilter(this.#needs, given.like)];
    if (!host || !serves(host, coordinate, given)) return null;
    if (!needs.every((need) => host.scopes?.includes(need))) return null;
    if (failureAt(host, this.#who.step) === coordinate) {
      this.#told.tell(host.id, path, 'NOT_ANSWERED');
      throw failure('CUSTODIAN_UNAVAILABLE');
    }
    const values: Readonly<Record<string, unknown>> = {
      ...record,
      custodian: holderOf(record.id),
      text: record.finding,
      person: { id: record.person },
      about: { id: record.person },
      isAmong: isAmong(record, given),
    };
    return values[fieldName];
  }
}

const lengthsOf = ({ records }: GivenHost): number[] => records.map(({ sortKey }) => sortKey.length);

const placesOf = ({ id, records }: GivenHost): { readonly name: string }[] =>
  [...new Set(records.map(({ place }) => place))].map((name) => ({ name: `${id} ${name}` }));
