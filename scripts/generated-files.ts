import { readFileSync } from 'node:fs';
import { custodianTable, gatewayTable } from './settings-tables.ts';
import { observationReference } from './observation-reference.ts';
import { composeSupergraph } from '../src/gateway/compose/compose-supergraph.ts';
import { GATHER_SDL, GUARDED_BY_SDL } from '../src/protocol/directives.ts';
import { ERRORS } from '../src/protocol/errors.ts';
import { printSubgraph } from '../src/subgraphs/kit/build-schema.ts';
import { ministry } from '../src/subgraphs/ministry/custodian.ts';
import { missing } from '../src/subgraphs/missing/custodian.ts';
import { ngo } from '../src/subgraphs/ngo/custodian.ts';

/** A file whose content follows from code: its path from the root of the repository, and what it must hold. */
export interface GeneratedFile {
  readonly file: string;
  readonly content: string;
}

/** The subgraphs of this repository as SDL, by their names. */
export const printSubgraphs = (): { readonly subgraph: string; readonly sdl: string }[] =>
  [ministry, missing, ngo].map((definition) => ({ subgraph: definition.subgraph, sdl: printSubgraph(definition) }));

/** Every file that is printed from code and committed. */
export function generatedFiles(root: URL): GeneratedFile[] {
  const subgraphs = printSubgraphs();
  const supergraph = composeSupergraph(subgraphs.map((one) => ({ ...one, url: `https://${one.subgraph}.example` })));
  return [
    ...subgraphs.map(({ subgraph, sdl }) => ({ file: `schema/${subgraph}.graphql`, content: sdl })),
    { file: 'schema/supergraph.graphql', content: `${supergraph.trim()}\n` },
    { file: 'schema/directives.graphql', content: `${GUARDED_BY_SDL}\n\n${GATHER_SDL}\n` },
    { file: 'OBSERVABILITY.md', content: observationReference() },
    { file: 'README.md', content: readme(readFileSync(new URL('README.md', root), 'utf8')) },
  ];
}

const readme = (text: string): string =>
  [
    { marker: 'gateway settings', content: gatewayTable() },
    { marker: 'custodian settings', content: custodianTable() },
    { marker: 'errors', content: errorTable() },
  ].reduce((before, { marker, content }) => between(before, marker, content), text);

const errorTable = (): string =>
  ['| code | status | says |', '|---|---|---|']
    .concat(
      Object.entries(ERRORS).map(
        ([code, [status, message]]) => `| \`${code}\` | ${status} | ${message.replaceAll('|', '\\|')} |`,
      ),
    )
    .join('\n');

function between(text: string, marker: string, content: string): string {
  const [before, rest] = text.split(`<!-- ${marker} -->`);
  const [, after] = (rest ?? '').split(`<!-- /${marker} -->`);
  if (before === undefined || after === undefined)
    throw new Error(`README.md has no section between <!-- ${marker} --> marks.`);
  return `${before}<!-- ${marker} -->\n\n<!-- prettier-ignore -->\n${content}\n\n<!-- /${marker} -->${after}`;
}
