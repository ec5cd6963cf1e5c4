import { formatTable } from '../../src/cli/format-table.ts';
import type { GatherMeasured } from './measure.ts';

const HEADINGS = ['HOSTS', 'WAY', 'PAGES/S', 'p50 MS', 'p99 MS', 'RSS MB', 'CPU MS', 'CPU OF BY HAND'];

/** What was measured, as a table; the last column is how many times the processor time of asking by hand it took. */
export function describeGathering(measured: readonly GatherMeasured[]): string {
  const rows = measured.map((one) => {
    const { hosts, way, rps, p50, p99, rss, cpuMs } = one;
    const ideal = measured.find((other) => other.hosts === hosts && other.way === idealOf(way));
    const times = ideal ? (cpuMs / ideal.cpuMs).toFixed(2) : '';
    const figures = [rps.toFixed(0), p50.toFixed(2), p99.toFixed(2), (rss / 1e6).toFixed(0), cpuMs.toFixed(2), times];
    return [String(hosts), way, ...figures];
  });
  return formatTable(
    HEADINGS,
    rows.map((row) => row.map((cell) => [cell])),
  );
}

/** The line of the same case that was asked by hand. */
const idealOf = (way: string): string => way.replace(/^[^,]+/u, 'by hand');
