import { openEmbeddedPostgres } from '../../src/subgraphs/kit/embedded-postgres.ts';

// A process that opens an embedded PostgreSQL, says so, and closes it when its standard input ends.
const [, , directory = '', use = '', path = ''] = process.argv;
if (use !== 'serve' && use !== 'administer') throw new Error('hold-storage.ts <directory> serve|administer [path]');
try {
  const { connection, close } = await openEmbeddedPostgres(directory, use, path);
  console.log(JSON.stringify({ open: connection.port }));
  process.stdin.resume().once('end', () => void close());
} catch (error) {
  console.log(JSON.stringify({ refused: error instanceof Error ? error.message : String(error) }));
  process.exitCode = 1;
}
