import type { GivenAccess } from '../authorize/subgraph-access.ts';
import type { FetchPart, FetchResult } from '../execute/fetch-part.ts';
import type { GatheredPlace } from './host-plans.ts';
import type { ListCursors } from './list-cursors.ts';

/** A host that has said what it grants, and what of the contract it does not serve. */
export interface GatheringHost {
  readonly custodian: string;
  readonly access: GivenAccess;
  readonly lacks: ReadonlySet<string>;
}

/** What gathering for one request takes. */
export interface Gathering extends GatheredPlace {
  /** In the order of their ids. */
  readonly hosts: readonly GatheringHost[];
  /** Those that have not said what they grant: what is theirs is missing. */
  readonly unheard: readonly string[];
  /** By custodian, when it joined the federation: a walk that began before has pages without it. */
  readonly joined: ReadonlyMap<string, number>;
  readonly now: () => number;
  readonly viewer: { readonly subject: string; readonly subjectKind: string };
  readonly cursors: ListCursors;
  /** Asks one host; whatever goes wrong there is in the result. */
  ask(custodian: string, part: FetchPart): Promise<FetchResult>;
  /**
   * Hears of a custodian's entities, and in how many places of the answer each stands; throws an `UnusableAnswerError` where
   * there is no room for them.
   */
  take(custodian: string, entities: Iterable<readonly [entity: unknown, times: number]>): void;
  /** Hears of a host whose answer contradicts itself, or claims what is another's. */
  lied(custodian: string, failure: unknown): void;
}
