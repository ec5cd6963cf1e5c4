import { Command, CommanderError } from 'commander';
import { addArchiveBenchmark } from './archive/archive.ts';
import { addGatherBenchmark } from './gather/gather.ts';
import { addSoakBenchmark } from './soak/soak.ts';

// One file a benchmark, each with its folder: `npm run bench -- archive --help`.
const program = new Command('bench').description('Measures.').exitOverride();
for (const add of [addArchiveBenchmark, addGatherBenchmark, addSoakBenchmark]) add(program);

try {
  await program.parseAsync(process.argv.slice(2), { from: 'user' });
} catch (error) {
  if (!(error instanceof CommanderError)) process.stderr.write(`bench: ${String(error)}\n`);
  process.exitCode = error instanceof CommanderError ? error.exitCode : 1;
}
