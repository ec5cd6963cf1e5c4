import {
  type GraphQLFieldResolver,
  GraphQLError,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  type ResponsePath,
  execute,
  parse,
  responsePathAsArray,
} from 'graphql';
import { ALL_OF_IT, type GivenHost, failureAt } from './given-hosts.ts';
import {
  type AmongArguments,
  type LightFilter,
  type LightRecord,
  holderOf,
  inOrder,
  isAmong,
  isPhotograph,
  passes,
} from './light-archive.ts';
import { needsOf, needsOfFilter } from './needed-scopes.ts';

/** What one host that holds all records answers. */
export interface OneAnswer {
  readonly data: unknown;
  /** `pattern CODE` */
  readonly errors: ReadonlySet<string>;
  /** `custodian pattern REASON` */
  readonly incomplete: ReadonlySet<string>;
  /** How many records of each host are in the answer. */
  readonly records: ReadonlyMap<string, number>;
  /** Hosts whose part is missing where other hosts' is not. */
  readonly failed: ReadonlySet<string>;
}

/** A path with `@` for each list position. */
export const patternOf = (path: readonly (string | number)[]): string =>
  path.map((key) => (typeof key === 'number' ? '@' : key)).join('.');

/**
 * The slow and obvious way to answer for many hosts: all of their records are in one place, and of each it is asked whether
 * its host grants what is asked for, and answers at this step of a walk.
 */
export async function askOneHost(
  schema: GraphQLSchema,
  hosts: readonly GivenHost[],
  step: number,
  query: string,
  variables: Readonly<Record<string, unknown>>,
): Promise<OneAnswer> {
  const one = new OneHost(hosts, step);
  const { data, errors = [] } = await execute({
    schema,
    document: parse(query),
    variableValues: variables,
    rootValue: {},
    fieldResolver: one.resolve,
    typeResolver: (record) => (isPhotograph(record as LightRecord) ? 'Photograph' : 'Note'),
  });
  const told = errors.map(({ path = [], extensions: { code } }) => `${patternOf(path)} ${String(code)}`);
  return { data, errors: new Set(told), incomplete: one.incomplete, records: one.records, failed: one.failed };
}

interface Person {
  readonly id: string;
}

/** Where a page ended, in words that anybody may read, and who has missed one by then. */
interface Cursor {
  readonly after: LightRecord;
  readonly missed: readonly string[];
}

interface Arguments extends AmongArguments {
  readonly first?: number;
  readonly after?: string | null;
  readonly filter?: LightFilter | null;
  readonly custodian?: string | null;
}

/** Who answers a field, and who should have. */
interface Answering {
  readonly answering: readonly GivenHost[];
  readonly failing: readonly GivenHost[];
}

class OneHost {
  readonly incomplete = new Set<string>();
  readonly records = new Map<string, number>();
  readonly failed = new Set<string>();
  readonly #hosts: readonly GivenHost[];
  readonly #step: number;

  constructor(hosts: readonly GivenHost[], step: number) {
    this.#hosts = hosts;
    this.#step = step;
  }

  // oxlint-disable-next-line typescript/no-explicit-any -- what a parent is follows from its type
  readonly resolve: GraphQLFieldResolver<any, unknown, any> = (parent, given: Arguments, _, info) => {
    const coordinate = `${info.parentType.name}.${info.fieldName}`;
    switch (coordinate) {
      case 'Query.persons':
        return given.ids?.map((id) => ({ id }));
      case 'Query.photographs':
        return this.#page(info, given, undefined, isPhotograph);
      case 'Person.photographs':
        return this.#page(info, given, parent, (one) => isPhotograph(one) && one.person === parent.id);
      case 'Query.items':
        return this.#page(info, given, undefined, () => true);
      case 'Query.things':
        return this.#of(info, given, undefined, (hosts) => this.#counted(hosts.flatMap(({ records }) => records)));
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
        return this.#counted(parent.rows);
      case 'PhotographConnection.totalCount':
      case 'ItemConnection.totalCount':
        return this.#unlessFailing(info, parent.failing, parent.totalCount);
      case 'PhotographEdge.node':
      case 'ItemEdge.node':
        return this.#counted([parent.record])[0];
      default:
        return info.parentType.name === 'Photograph' || info.parentType.name === 'Note'
          ? this.#ofRecord(parent, given, info)
          : parent[info.fieldName];
    }
  };

  /** Those that a field is asked of: by what they grant, by ids and names, and by whether they answer at this step. */
  #asked(info: GraphQLResolveInfo, { filter, custodian }: Arguments, person?: Person): Answering {
    const coordinate = `${info.parentType.name}.${info.fieldName}`;
    const needs = [...needsOf(coordinate), ...needsOfFilter(filter)];
    const grants = ({ scopes }: GivenHost): boolean => needs.every((need) => scopes?.includes(need));
    const said = this.#hosts.filter(({ scopes }) => scopes !== null);
    if (said.length === 0) throw failure('CUSTODIAN_UNAVAILABLE');
    // What all that have said so withhold is not asked of the others.
    if (!said.some(grants)) return { answering: [], failing: [] };
    // Without a person's counts there are none of their photographs.
    const above = coordinate === 'Counts.photographs' ? ['Person.counts'] : [];
    const fatal = new Set([ALL_OF_IT, coordinate, ...above]);
    const serves = ({ lacks }: GivenHost): boolean => !lacks.some((lacking) => fatal.has(lacking));
    const asked = this.#hosts
      .filter((host) => this.#mayHold(host, [person?.id]) && this.#mayHold(host, filter?.id))
      .filter(({ id }) => (custodian ?? id) === id)
      // Of a host that has not said what it grants nobody knows what it would have answered, whatever it serves.
      .filter(
        (host) => host.scopes === null || (grants(host) && serves(host) && (!person || host.isAskedAboutPersons)),
      );
    const isFailing = (host: GivenHost): boolean =>
      host.scopes === null || fatal.has(failureAt(host, this.#step) ?? '');
    const [failing, answering] = [asked.filter(isFailing), asked.filter((host) => !isFailing(host))];
    if (failing.length > 0 && answering.length === 0) throw failure('CUSTODIAN_UNAVAILABLE');
    for (const { id } of failing) this.failed.add(id);
    for (const host of failing)
      if (host.scopes !== null && failureAt(host, this.#step) !== ALL_OF_IT)
        this.#tell(host.id, info.path, 'NOT_ANSWERED');
    return { answering, failing };
  }

  /** Whether ids are given, and all of them are other hosts' records. */
  #mayHold({ id: own }: GivenHost, ids: readonly (string | undefined)[] | null | undefined): boolean {
    const others = new Set(this.#hosts.map(({ id }) => id).filter((id) => id !== own));
    return !ids || ids.length === 0 || ids.some((id) => !others.has(holderOf(id ?? '')));
  }

  #isNobodys({ filter }: Arguments, person?: Person): boolean {
    return !this.#hosts.some((host) => this.#mayHold(host, [person?.id]) && this.#mayHold(host, filter?.id));
  }

  #of(
    info: GraphQLResolveInfo,
    given: Arguments,
    person: Person | undefined,
    value: (answering: readonly GivenHost[]) => unknown,
  ): unknown {
    const { answering } = this.#asked(info, given, person);
    const said = this.#hosts.filter(({ scopes }) => scopes !== null);
    const isGranted = said.some(({ scopes }) => scopes?.includes('ngo:registered'));
    if (isGranted && given.custodian && !this.#hosts.some(({ id }) => id === given.custodian))
      throw failure('BAD_USER_INPUT');
    return answering.length > 0 ? value(answering) : null;
  }

  /** Nobody's number is known where one host's is not. */
  #number(
    info: GraphQLResolveInfo,
    person: Person | undefined,
    value: (answering: readonly GivenHost[]) => number,
  ): number | null {
    const { answering, failing } = this.#asked(info, {}, person);
    const number = this.#unlessFailing(info, failing, value(answering));
    return answering.length > 0 && Number.isFinite(number) ? number : null;
  }

  #unlessFailing(info: GraphQLResolveInfo, failing: readonly GivenHost[], number: number): number | null {
    for (const { id } of failing) this.#tell(id, info.path, 'NOT_COUNTED');
    return failing.length > 0 ? null : number;
  }

  #countOf(info: GraphQLResolveInfo, person: Person): number | null {
    const isTheirs = (one: LightRecord): boolean => isPhotograph(one) && one.person === person.id;
    return this.#number(info, person, (hosts) => hosts.flatMap(({ records }) => records.filter(isTheirs)).length);
  }

  #page(
    info: GraphQLResolveInfo,
    given: Arguments,
    person: Person | undefined,
    isMine: (record: LightRecord) => boolean,
  ): unknown {
    const { answering, failing } = this.#asked(info, given, person);
    if (answering.length === 0 && !this.#isNobodys(given, person)) return null;
    const cursor: Cursor | undefined = given.after ? JSON.parse(given.after) : undefined;
    const missed = cursor?.missed ?? [];
    for (const id of missed)
      if (this.#hosts.some((host) => host.id === id)) this.#tell(id, info.path, 'MISSED_EARLIER_PAGE');
    const all = answering
      .flatMap(({ records }) => records)
      .filter((record) => isMine(record) && passes(given.filter)(record))
      .toSorted(inOrder);
    const rest = all.filter((record) => !cursor || inOrder(cursor.after, record) < 0);
    const rows = rest.slice(0, given.first ?? 20);
    const cursorOf = (after: LightRecord | undefined): string | null =>
      after ? JSON.stringify({ after, missed: [...new Set([...missed, ...failing.map(({ id }) => id)])] }) : null;
    return {
      rows,
      edges: rows.map((record) => ({ record, cursor: cursorOf(record) })),
      failing,
      totalCount: all.length,
      pageInfo: {
        hasNextPage: rest.length > rows.length,
        hasPreviousPage: cursor !== undefined,
        startCursor: cursorOf(rows[0]),
        endCursor: cursorOf(rows.at(-1)),
      },
    };
  }

  #ofRecord(record: LightRecord, given: Arguments, { parentType, fieldName, path }: GraphQLResolveInfo): unknown {
    const coordinate = `${parentType.name}.${fieldName}`;
    const host = this.#hosts.find(({ id }) => id === holderOf(record.id));
    const needs = [...needsOf(coordinate), ...needsOfFilter(given.like)];
    if (!host || host.lacks.includes(coordinate)) return null;
    if (!needs.every((need) => host.scopes?.includes(need))) return null;
    if (failureAt(host, this.#step) === coordinate) {
      this.#tell(host.id, path, 'NOT_ANSWERED');
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

  #counted(records: readonly LightRecord[]): readonly LightRecord[] {
    for (const { id } of records) this.records.set(holderOf(id), (this.records.get(holderOf(id)) ?? 0) + 1);
    return records;
  }

  #tell(custodian: string, path: ResponsePath, reason: string): void {
    this.failed.add(custodian);
    this.incomplete.add(`${custodian} ${patternOf(responsePathAsArray(path))} ${reason}`);
  }
}

const failure = (code: string): GraphQLError => new GraphQLError('', { extensions: { code } });

const lengthsOf = ({ records }: GivenHost): number[] => records.map(({ sortKey }) => sortKey.length);

const placesOf = ({ id, records }: GivenHost): { readonly name: string }[] =>
  [...new Set(records.map(({ place }) => place))].map((name) => ({ name: `${id} ${name}` }));
