import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Hosts, IDS, KEYS, setHosts } from './given-hosts.ts';
import { LONGEST, UNHURRIED, holds } from './holds.ts';
import { type LightRecord, inOrder, isPhotograph } from './light-archive.ts';
import type { LightHost } from './light-host.ts';
import { PAGE, walkedFederation } from './walked-federation.ts';

const walked = walkedFederation();

const Change = fc.record({
  host: fc.nat(IDS.length - 1),
  what: fc.constantFrom('comes or goes', 'gains a record', 'loses a record'),
  sortKey: fc.constantFrom(...KEYS),
  which: fc.nat(),
});

const Walk = fc.record({
  first: fc.integer({ min: 1, max: 12 }),
  isThere: fc.array(fc.boolean(), { minLength: IDS.length, maxLength: IDS.length }),
  // Before each page.
  changes: fc.array(fc.array(Change, { maxLength: 3 }), { maxLength: 8 }),
});

/** Changes what a host holds; one record is lost, or one more is there. */
function change(host: LightHost, what: string, sortKey: string, which: number): void {
  const { id, records } = host;
  const lost = records[which % Math.max(1, records.length)];
  const gained = { id: `${id}:${100 + which}`, sortKey, place: 'x', finding: 'm', person: 'reg:1' };
  const others = records.filter((one) => one.id !== gained.id);
  host.records = what === 'gains a record' ? [...others, gained] : records.filter((one) => one !== lost);
}

test(
  'Whatever comes and goes during a walk, each page holds the next records that are there, and names the hosts that were not there all along',
  async () => {
    await holds([Hosts, Walk], async (given, { first, isThere, changes }) => {
      const { hosts, federation } = walked();
      const all = hosts.slice(0, given.length);
      const whole = given.map((one) => ({ ...one, fails: [undefined] }));
      setHosts(all, whole, 0);
      const present = new Set(all.filter((_, at) => isThere[at]));
      let allAlong: ReadonlySet<LightHost> | undefined;
      let position: LightRecord | undefined;
      let after: unknown = null;
      for (let page = 0, hasMore = true; hasMore; page += 1) {
        for (const { host: at, what, sortKey, which } of changes[page] ?? []) {
          const host = all[at % all.length];
          if (host && what !== 'comes or goes') change(host, what, sortKey, which);
          else if (host && !present.delete(host)) present.add(host);
        }
        for (const host of present.size > 0 ? [] : all.slice(0, 1)) present.add(host);
        federation.hosts.splice(0, Infinity, ...present);
        const { data, errors, custodians } = await federation.ask(PAGE, {
          variables: { first, after },
          deadline: UNHURRIED,
        });
        expect(errors).toEqual([]);
        const there = [...present].flatMap(({ records }) => records.filter(isPhotograph)).toSorted(inOrder);
        const from = position;
        const rest = there.filter((record) => !from || inOrder(from, record) < 0);
        const rows = rest.slice(0, first);
        const { nodes, pageInfo, totalCount } = data.photographs;
        expect(nodes).toEqual(rows.map(({ id }) => ({ id })));
        expect([pageInfo.hasNextPage, totalCount]).toEqual([rest.length > first, there.length]);
        const since = allAlong ?? present;
        expect(custodians.flatMap(({ custodian, incomplete }) => (incomplete ? [custodian] : [])).toSorted()).toEqual(
          [...present]
            .filter((host) => !since.has(host))
            .map(({ id }) => id)
            .toSorted(),
        );
        allAlong = new Set([...since].filter((host) => present.has(host)));
        position = rows.at(-1) ?? position;
        hasMore = pageInfo.hasNextPage;
        after = pageInfo.endCursor ?? after;
      }
    });
  },
  LONGEST,
);
