import { Pool } from 'undici';
import { credentialHeaders } from '../../src/gateway/custodian-credentials.ts';
import { firstShare } from '../../src/gateway/gather/list-pages.ts';
import type { ListRow, Photograph } from './archive.ts';
import { CREDENTIALS, type HostAddress, PAGE, type Page, type Way } from './ways.ts';

const QUERY =
  'query($first:Int!,$after:ListPosition){photographs(first:$first,afterRecord:$after){edges{sortKey recordId node{id custodian place}}pageInfo{hasNextPage}}}';

interface Answer {
  readonly data: {
    readonly photographs: {
      readonly edges: readonly { readonly sortKey: string; readonly recordId: string; readonly node: Photograph }[];
      readonly pageInfo: { readonly hasNextPage: boolean };
    };
  };
}

interface Brought {
  readonly rows: readonly ListRow[];
  hasMore: boolean;
}

type AskEach = <One, Result>(all: readonly One[], ask: (one: One) => Promise<Result>) => Promise<Result[]>;

const atOnce: AskEach = (all, ask) => Promise.all(all.map(ask));

const inTurn: AskEach = async (all, ask) => {
  const results = [];
  for (const one of all) results.push(await ask(one));
  return results;
};

/**
 * What one would write for this one query and these hosts, who never lie: it knows what it asks, and looks at nothing that
 * it does not need. `deadline` is in milliseconds for each question; whoever has not answered by then is left out.
 */
export const byHand = (hosts: readonly HostAddress[], deadline: number): Way => handWritten(hosts, deadline, atOnce);

/** The same, which asks one host after the other. */
export const oneByOne = (hosts: readonly HostAddress[], deadline: number): Way => handWritten(hosts, deadline, inTurn);

function handWritten(addresses: readonly HostAddress[], deadline: number, askEach: AskEach): Way {
  const hosts = addresses.map((address) => new HandWrittenHost(address));
  const share = firstShare(PAGE, hosts.length);
  return {
    async page(cursor) {
      const after = cursor === null ? null : JSON.parse(Buffer.from(cursor, 'base64url').toString());
      const brought = await askEach(hosts, (host) => host.ask(share, after, deadline));
      const end = sorted(brought)[PAGE - 1];
      const lacking = hosts.flatMap((host, index) => {
        const first = brought[index];
        const last = first?.rows.at(-1);
        return first?.hasMore && last && (!end || inOrder(last, end) < 0) ? [{ host, first, last }] : [];
      });
      if (lacking.length === 0) return pageOf(brought);
      const all = sorted(brought);
      const more = await askEach(lacking, ({ host, last }) =>
        host.ask(PAGE - all.indexOf(last) - 1, positionOf(last), deadline),
      );
      for (const { first } of lacking) first.hasMore = false;
      return pageOf([...brought, ...more]);
    },
  };
}

class HandWrittenHost {
  readonly #custodian: string;
  readonly #pool: Pool;
  readonly #path: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor({ custodian, url }: HostAddress) {
    const { origin, pathname } = new URL(url);
    this.#custodian = custodian;
    this.#path = `${pathname}/ngo/graphql`;
    this.#pool = new Pool(origin, { connections: 32, maxResponseSize: 8 * 1024 * 1024, connect: { timeout: 3_000 } });
    this.#headers = {
      accept: 'application/json',
      'accept-encoding': 'identity',
      'content-type': 'application/json',
      ...credentialHeaders(CREDENTIALS, 'request'),
    };
  }

  async ask(first: number, after: unknown, deadline: number): Promise<Brought> {
    const bounds = new AbortController();
    const timer = setTimeout(() => bounds.abort(), deadline);
    try {
      const { body } = await this.#pool.request({
        method: 'POST',
        path: this.#path,
        headers: this.#headers,
        body: JSON.stringify({ query: QUERY, variables: { first, after } }),
        signal: bounds.signal,
      });
      const answer: Answer = JSON.parse(await body.text());
      const { edges, pageInfo } = answer.data.photographs;
      const custodian = this.#custodian;
      return {
        rows: edges.map(({ sortKey, recordId: id, node }) => ({ sortKey, custodian, id, node })),
        hasMore: pageInfo.hasNextPage,
      };
    } catch (failure) {
      if (!bounds.signal.aborted) throw failure;
      return { rows: [], hasMore: false };
    } finally {
      clearTimeout(timer);
    }
  }
}

function pageOf(brought: readonly Brought[]): Page {
  const all = sorted(brought);
  const rows = all.slice(0, PAGE);
  const last = rows.at(-1);
  return {
    nodes: rows.map(({ node }) => node),
    hasNextPage: all.length > PAGE || brought.some(({ hasMore }) => hasMore),
    endCursor: last ? Buffer.from(JSON.stringify(positionOf(last))).toString('base64url') : null,
  };
}

const positionOf = ({ sortKey, custodian, id }: ListRow) => ({ sortKey, custodian, id });

const sorted = (brought: readonly Brought[]): ListRow[] => brought.flatMap(({ rows }) => rows).sort(inOrder);

/** All of it is ASCII. */
function inOrder(a: ListRow, b: ListRow): number {
  if (a.sortKey !== b.sortKey) return a.sortKey < b.sortKey ? -1 : 1;
  if (a.custodian !== b.custodian) return a.custodian < b.custodian ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}
