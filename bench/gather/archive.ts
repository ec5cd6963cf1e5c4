import { type ListPosition, compareRows } from '../../src/gateway/gather/rows.ts';

/** How the rows of an archive lie on its hosts: at random, or three of four on the first. */
export const SPREADS = ['even', 'skewed'] as const;

export type Spread = (typeof SPREADS)[number];

/** A photograph, as hosts answer it. */
export interface Photograph {
  readonly id: string;
  readonly custodian: string;
  readonly place: string;
}

/** A row of the list of photographs. */
export interface ListRow extends ListPosition {
  readonly node: Photograph;
}

/** Rows of all hosts together: more than any walk passes. */
const ROWS = 10_000;

export const hostName = (host: number): string => `ngo-${host}`;

/** The rows of each of so many hosts, in their order; keys occur three times each, so that the custodian decides, too. */
export function archiveOf(hosts: number, spread: Spread): ListRow[][] {
  const archive = Array.from({ length: hosts }, (): ListRow[] => []);
  for (let n = 0; n < ROWS; n += 1) {
    const drawn = scatter(n);
    const host = spread === 'skewed' && drawn % 4 !== 0 ? 0 : (drawn >>> 2) % hosts;
    archive[host]?.push(rowOf(n, hostName(host)));
  }
  return archive.map((rows) => rows.sort(compareRows));
}

function rowOf(n: number, custodian: string): ListRow {
  const id = `${custodian}:${scatter(n).toString(36)}-${n}`;
  const sortKey = `2013-${String(Math.floor(n / 3)).padStart(6, '0')}`;
  return { sortKey, custodian, id, node: { id, custodian, place: `Branch ${n % 40}` } };
}

/** A number that looks drawn, the same each time (the finaliser of MurmurHash3). */
function scatter(n: number): number {
  let mixed = n + 1;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85_eb_ca_6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2_b2_ae_35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
