import type { Command } from 'commander';
import { soak } from '../../test/gateway/soak.ts';

/** By how much the heap may grow from the first measurement to the last, in MB. */
const BOUND = 8;

/**
 * `npm run bench -- soak`: whether the gateway's memory stays flat, by the heap after garbage collection, under ever
 * other viewers with ever new tokens, documents, literals and cursors. By 20,000 requests every cache is full; what
 * grows after that is a leak, and the command ends with 1.
 */
export function addSoakBenchmark(program: Command): void {
  program
    .command('soak')
    .description('Asks a gateway 100,000 questions, and measures the heap after each 20,000.')
    .action(async () => {
      const began = performance.now();
      const measured = await soak({
        atOnce: 16,
        measuredAt: [20_000, 40_000, 60_000, 80_000, 100_000],
        viewers: 9_000,
        documents: 7_000,
        freshTokens: true,
        onMeasured: ({ requests, heapMegabytes }) => {
          const seconds = (performance.now() - began) / 1000;
          console.log(
            `${requests} requests: ${heapMegabytes.toFixed(1)} MB (${Math.round(requests / seconds)} a second)`,
          );
        },
      });
      const [first, last] = [measured.at(0)?.heapMegabytes ?? 0, measured.at(-1)?.heapMegabytes ?? 0];
      console.log(`Grown by ${(last - first).toFixed(1)} MB; the bound is ${BOUND} MB.`);
      process.exitCode = last - first > BOUND ? 1 : 0;
    });
}
