import fc from 'fast-check';
import { granted } from '../gateway/authorize.ts';
import { ALL_SCOPES, type Says } from './gathered-federation.ts';
import type { LightRecord } from './light-archive.ts';
import type { LightHost } from './light-host.ts';

/** One host of a case: what it grants (null where it does not say) and serves, what it holds, and what fails there when. */
export interface GivenHost {
  readonly id: string;
  readonly scopes: readonly string[] | null;
  readonly isAskedAboutPersons: boolean;
  /** Fields (`Type.field`) that it does not serve. */
  readonly lacks: readonly string[];
  readonly records: readonly LightRecord[];
  /** By step of a walk: a field (`Type.field`), or all of it. */
  readonly fails: readonly (string | undefined)[];
}

export const ALL_OF_IT = 'all';

/** In their order, which is not that of the ids of their records. */
export const IDS = ['a', 'a-b', 'b', 'c', 'd', 'e', 'f', 'g'];
export const PLACES = ['x', 'y'];
export const FINDINGS = ['m', 'n'];
/** The last by the key of one host's record. */
export const PERSONS = ['reg:1', 'reg:2', 'b:9'];
/** Sort keys in all kinds of writing. */
export const KEYS = ['', 'a', 'aa', 'b', 'حلب', 'درعا', '\u{1F9ED}', '\uFFFD', 'z'];

const FAILING = [
  'Query.photographs',
  'Query.items',
  'Query.things',
  'Query.places',
  'Query.size',
  'Query.newest',
  'Query.motto',
  'Query.about',
  'Person.photographs',
  'Person.counts',
  'Counts.photographs',
  'Photograph.place',
  'Photograph.person',
  'Photograph.isAmong',
  'Note.id',
];

const Failure = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  { weight: 2, arbitrary: fc.constant(ALL_OF_IT) },
  fc.constantFrom(...FAILING),
);

const Host = fc.record({
  scopes: fc.oneof(
    { weight: 5, arbitrary: fc.constant(ALL_SCOPES) },
    fc.constantFrom<readonly string[] | null>(
      ['ngo:registered', 'ngo:identifying'],
      ['ngo:registered', 'ngo:medical'],
      ['ngo:registered'],
      [],
      null,
    ),
  ),
  lacks: fc.oneof(
    { weight: 6, arbitrary: fc.constant([]) },
    fc.constantFrom(
      ['Photograph.finding'],
      ['Photograph.person'],
      ['Query.items'],
      ['Person.counts'],
      ['Query.size', 'Note.text'],
      ['PhotographFilter.place'],
      ['Query.photographs', 'Person.photographs'],
      ['PhotographConnection.totalCount', 'Query.motto'],
      ['Photograph.isAmong(ids:)', 'PhotographFilter.id'],
      ['Query.things', 'Query.about', 'Query.places'],
      ['Photograph.isAmong', 'Counts.photographs'],
    ),
  ),
  isAskedAboutPersons: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, fc.constant(false)),
  records: fc.array(
    fc.record({
      sortKey: fc.constantFrom(...KEYS),
      place: fc.constantFrom(...PLACES),
      finding: fc.constantFrom(...FINDINGS),
      person: fc.constantFrom(...PERSONS),
      isNote: fc.constantFrom(false, false, true),
    }),
    { maxLength: 14 },
  ),
  fails: fc.oneof(
    { weight: 2, arbitrary: fc.constant([undefined]) },
    fc.array(Failure, { minLength: 1, maxLength: 4 }),
  ),
});

/** One to eight hosts, whatever they hold and grant. */
export const Hosts: fc.Arbitrary<readonly GivenHost[]> = fc.array(Host, { minLength: 1, maxLength: 8 }).map((hosts) =>
  hosts.map((host, at) => {
    const id = IDS[at] ?? '';
    return { ...host, id, records: host.records.map((record, number) => ({ ...record, id: `${id}:${number}` })) };
  }),
);

/** What fails at a host at one step of a walk. */
export const failureAt = ({ fails }: GivenHost, step: number): string | undefined => fails[step % fails.length];

/** Has real hosts hold what is given, and fail as at one step of a walk. */
export function setHosts(hosts: readonly LightHost[], given: readonly GivenHost[], step: number): void {
  for (const [at, one] of given.entries()) {
    const host = hosts[at];
    if (!host) continue;
    const fails = failureAt(one, step);
    host.records = one.records;
    host.instead = fails === ALL_OF_IT ? () => ({ errors: [{ message: 'down' }] }) : undefined;
    host.failing = new Map(fails === undefined ? [] : [[fails, 'NONE']]);
    host.asked.length = 0;
  }
}

/** What given hosts say to `/access`. */
export const saysOf = (given: readonly GivenHost[]): Readonly<Record<string, Says>> =>
  Object.fromEntries(
    given.map(({ id, scopes, isAskedAboutPersons }) => [
      id,
      scopes && { grants: scopes.length > 0 ? [granted(scopes)] : [], askedAboutPersons: isAskedAboutPersons },
    ]),
  );

export const lacksOf = (given: readonly GivenHost[]): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(given.map(({ id, lacks }) => [id, lacks]));
