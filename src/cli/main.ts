import { runCommandLine } from './run-command-line.ts';

// Whoever reads the output may stop reading: `amana grants ngo-a | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await runCommandLine(process.argv.slice(2), process.env);
