import { GraphQLError, type GraphQLResolveInfo } from 'graphql';
import { askedWithin, visitAsked } from './asked-fields.ts';
import { ALL_OF_IT, type GivenHost, failureAt } from './given-hosts.ts';
import { type AmongArguments, type LightFilter, holderOf } from './light-archive.ts';
import { type Needs, needsOfFilter } from './needed-scopes.ts';
import type { ToldOfHosts } from './one-answer.ts';

export interface Person {
  readonly id: string;
}

export interface Arguments extends AmongArguments {
  readonly first?: number;
  readonly after?: string | null;
  readonly filter?: LightFilter | null;
  readonly custodian?: string | null;
}

/** Who answers a field, and who should have. */
export interface Answering {
  readonly answering: readonly GivenHost[];
  readonly failing: readonly GivenHost[];
}

/** Which hosts answer what: by what they grant and serve, by ids and names, and by whether they answer at this step. */
export class WhoAnswers {
  readonly hosts: readonly GivenHost[];
  readonly step: number;
  readonly #needs: Needs;
  readonly #told: ToldOfHosts;

  constructor(hosts: readonly GivenHost[], step: number, needs: Needs, told: ToldOfHosts) {
    this.hosts = hosts;
    this.step = step;
    this.#needs = needs;
    this.#told = told;
  }

  /** Those that have said what they grant. */
  get #said(): readonly GivenHost[] {
    return this.hosts.filter(({ scopes }) => scopes !== null);
  }

  of(info: GraphQLResolveInfo, given: Arguments, person?: Person): Answering {
    const coordinate = `${info.parentType.name}.${info.fieldName}`;
    if (this.#said.length === 0) throw failure('CUSTODIAN_UNAVAILABLE');
    const needs = this.#needsOf(info, given);
    // What all that have said so withhold is not asked of the others.
    if (!this.#said.some((host) => grants(host, needs))) return { answering: [], failing: [] };
    const concerned = this.hosts.filter((host) => this.mayHold(host, given, person));
    this.#tellNotServed(info, concerned);
    const willing = concerned
      // Of a host that has not said what it grants nobody knows what it would have answered, whatever it serves.
      .filter((host) => host.scopes === null || (grants(host, needs) && serves(host, coordinate, given)));
    for (const { id, scopes, isAskedAboutPersons } of willing)
      if (info.parentType.name === 'Person' && scopes !== null && !isAskedAboutPersons && info.path.prev)
        this.#told.tell(id, info.path.prev, 'NOT_ASKED_ABOUT_PERSONS');
    const asked = willing.filter(
      ({ scopes, isAskedAboutPersons }) => scopes === null || !person || isAskedAboutPersons,
    );
    return this.#answering(info, coordinate, asked);
  }

  #answering({ path }: GraphQLResolveInfo, coordinate: string, asked: readonly GivenHost[]): Answering {
    const fatal = new Set([ALL_OF_IT, coordinate, ...above(coordinate)]);
    const isFailing = (host: GivenHost): boolean => host.scopes === null || fatal.has(failureAt(host, this.step) ?? '');
    const [failing, answering] = [asked.filter(isFailing), asked.filter((host) => !isFailing(host))];
    if (failing.length > 0 && answering.length === 0) throw failure('CUSTODIAN_UNAVAILABLE');
    for (const { id } of failing) this.#told.failed.add(id);
    for (const host of failing)
      if (host.scopes !== null && failureAt(host, this.step) !== ALL_OF_IT)
        this.#told.tell(host.id, path, 'NOT_ANSWERED');
    return { answering, failing };
  }

  /** Rows of many hosts are in an order that each of them grants. */
  #needsOf(info: GraphQLResolveInfo, { filter }: Arguments): readonly string[] {
    const coordinate = `${info.parentType.name}.${info.fieldName}`;
    const edge = `${info.returnType}`.replace('Connection', 'Edge');
    const takesRows = ['nodes', 'edges', 'pageInfo'].some((name) => askedWithin(info).has(name));
    const order = takesRows ? this.#needs(`${edge}.sortKey`) : [];
    return [...this.#needs(coordinate), ...needsOfFilter(this.#needs, filter), ...order];
  }

  /** Whether what is asked for may be a host's: by the custodian that is named, and by ids, unless all are other hosts'. */
  mayHold({ id: own }: GivenHost, { filter, custodian }: Arguments, person?: Person): boolean {
    const others = new Set(this.hosts.map(({ id }) => id).filter((id) => id !== own));
    const isOthers = (id: string): boolean => others.has(holderOf(id));
    if (custodian && custodian !== own) return false;
    if (person && isOthers(person.id)) return false;
    return !filter?.id || filter.id.length === 0 || !filter.id.every(isOthers);
  }

  /** Whatever a host holds and grants, what it does not serve of what it would be asked for is told. */
  #tellNotServed(info: GraphQLResolveInfo, concerned: readonly GivenHost[]): void {
    // What is below is asked for together with it.
    if (!['Query', 'Person'].includes(info.parentType.name)) return;
    for (const host of concerned.filter(({ scopes }) => scopes !== null))
      visitAsked(info, ({ coordinate, pattern, given }) => {
        const needs = [...this.#needs(coordinate), ...needsOfFilter(this.#needs, given.like)];
        if (!this.#said.some((one) => grants(one, needs))) return false;
        const isServed = serves(host, coordinate, given);
        if (!isServed) this.#told.tell(host.id, pattern, 'NOT_SERVED', coordinate);
        // Who a person is stands in the record; what is known of the person is another question.
        return isServed && !['Photograph.person', 'Note.about'].includes(coordinate);
      });
  }
}

const grants = ({ scopes }: GivenHost, needs: readonly string[]): boolean =>
  needs.every((need) => scopes?.includes(need));

/** Whether a host has a field, its arguments and the members of its filter, and what it is asked for in. */
export const serves = ({ lacks }: GivenHost, coordinate: string, given: Arguments): boolean =>
  ![
    coordinate,
    ...above(coordinate),
    ...Object.keys(given).map((argument) => `${coordinate}(${argument}:)`),
    ...Object.keys({ ...given.filter, ...given.like }).map((member) => `PhotographFilter.${member}`),
  ].some((needed) => lacks.includes(needed));

/** Without a person's counts there are none of their photographs. */
const above = (coordinate: string): readonly string[] => (coordinate === 'Counts.photographs' ? ['Person.counts'] : []);

/** An error of an answer. */
export const failure = (code: string): GraphQLError => new GraphQLError('', { extensions: { code } });
