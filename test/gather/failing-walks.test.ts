import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Hosts, IDS, setHosts } from './given-hosts.ts';
import { LONGEST, UNHURRIED, holds } from './holds.ts';
import { type LightRecord, holderOf, inOrder, isPhotograph } from './light-archive.ts';
import type { LightHost } from './light-host.ts';
import { PAGE, walkedFederation } from './walked-federation.ts';

const walked = walkedFederation();

const Walk = fc.record({
  hosts: Hosts,
  first: fc.integer({ min: 1, max: 12 }),
  // By host, whether each of its questions fails, in turn.
  fails: fc.array(
    fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true)), { minLength: 1 }),
    {
      minLength: IDS.length,
      maxLength: IDS.length,
    },
  ),
});

test(
  'Whichever questions fail on a walk, no record comes twice or too late, each host that answers shows all of its own up to where a page ends, and one that has not is named ever after',
  async () => {
    await holds([Walk], async ({ hosts: given, first, fails }) => {
      const { hosts, federation } = walked();
      federation.hosts.splice(0, Infinity, ...hosts.slice(0, given.length));
      const present = hosts.slice(0, given.length);
      setHosts(present, given, 0);
      const failed = new Map<LightHost, number[]>();
      for (const [at, host] of present.entries()) {
        let asked = 0;
        host.failing = new Map();
        host.instead = (_, honest) => {
          if (!fails[at]?.[asked++ % fails[at].length]) return honest();
          failed.set(host, [...(failed.get(host) ?? []), host.asked.length]);
          return { errors: [{ message: 'down' }] };
        };
      }
      const missed = new Set<string>();
      let position: LightRecord | undefined;
      let after: unknown = null;
      for (let hasMore = true, pages = 0; hasMore && pages < 40; pages += 1) {
        failed.clear();
        for (const host of present) host.asked.length = 0;
        const answer = await federation.ask(PAGE, { variables: { first, after }, deadline: UNHURRIED });
        const page = answer.data?.photographs;
        if (!page) {
          expect([failed.size, answer.errors.length]).toEqual([present.length, 1]);
          continue;
        }
        const remaining = ({ records }: LightHost): LightRecord[] =>
          records
            .filter((record) => isPhotograph(record) && (!position || inOrder(position, record) < 0))
            .toSorted(inOrder);
        const rows = present
          .flatMap(remaining)
          .filter(({ id }) => page.nodes.some((node: { id: string }) => node.id === id))
          .toSorted(inOrder);
        expect(page.nodes.map(({ id }: { id: string }) => id)).toEqual(rows.map(({ id }) => id));
        const whole = present.filter((host) => !failed.has(host));
        expect(rows.length).toBeGreaterThanOrEqual(Math.min(first, whole.flatMap(remaining).length));
        expect(rows.length).toBeLessThanOrEqual(first);
        const end = rows.length === first ? rows.at(-1) : undefined;
        for (const host of present) {
          const shown = rows.filter(({ id }) => holderOf(id) === host.id);
          const upToEnd = remaining(host).filter((record) => !end || inOrder(record, end) <= 0);
          expect(shown).toEqual(failed.has(host) ? remaining(host).slice(0, shown.length) : upToEnd);
        }
        expect(page.totalCount === null).toBe([...failed.values()].some(([one]) => one === 1));
        const named = answer.custodians.filter(({ incomplete = [] }) =>
          incomplete.some(({ reason }) => reason === 'MISSED_EARLIER_PAGE'),
        );
        expect(named.map(({ custodian }) => custodian).toSorted()).toEqual([...missed].toSorted());
        for (const { custodian, status, incomplete = [] } of answer.custodians)
          if ([...failed.keys()].some(({ id }) => id === custodian))
            expect([status === 'ANSWERED', incomplete.length]).not.toEqual([true, 0]);
        for (const { id } of failed.keys()) missed.add(id);
        position = rows.at(-1) ?? position;
        hasMore = page.pageInfo.hasNextPage;
        after = page.pageInfo.endCursor ?? after;
        if (!hasMore) expect(whole.flatMap(remaining)).toEqual([]);
      }
    });
  },
  LONGEST,
);
