import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { checkTiers, readTiers } from './check-tiers.ts';
import { generatedFiles, printSubgraphs } from './generated-files.ts';

// `schema.ts write` prints every generated file; `schema.ts check` fails where one differs from what the code prints, or
// where a field has not exactly the guard of its tier.
const root = new URL('../', import.meta.url);
const write = process.argv[2] === 'write';
const tiers = readTiers(new URL('schema/tiers.yaml', root));
const faults = printSubgraphs().flatMap(({ subgraph, sdl }) => checkTiers(subgraph, sdl, tiers));

for (const { file, content } of generatedFiles(root)) {
  const url = new URL(file, root);
  const present = existsSync(url) ? readFileSync(url, 'utf8') : undefined;
  if (present === content) continue;
  if (write) writeFileSync(url, content);
  else faults.push(`${file} is not what the code prints: run npm run schema and commit what it writes.`);
}
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;
else
  console.log(
    write
      ? 'Written: schema/ and the tables of README.md.'
      : 'The schema is what the code prints, and every field has its tier.',
  );
