import { join } from 'node:path';
import { DEMO_DIRECTORY } from '../cli/configuration-file.ts';
import { DEMO_CUSTODIANS, GATHERED } from './demo-custodians.ts';
import { DEMO_GRANTS } from './demo-grants.ts';
import { DASHBOARD, type DemoViewer, PEOPLE } from './people.ts';
import type { Federation } from './start-federation.ts';
import { padded } from './terminal-text.ts';

/** Where everything is and who can sign in, for a terminal of 100 columns. */
export function showPeople({ gateway, issuer, custodians }: Federation, directory: string): string {
  // Commands find the demo in its usual place by themselves.
  const elsewhere = directory !== DEMO_DIRECTORY;
  return [
    `Console    ${gateway}/   sign in as anybody below, without a password`,
    `GraphQL    ${gateway}/graphql`,
    `Provider   ${issuer}`,
    ...DEMO_CUSTODIANS.map(
      ({ id, name }) => `${padded(id, 11)}${padded(custodians[id], 25)}${padded(name.ar, 27)}${name.en}`,
    ),
    `           ${hostsOf(GATHERED)} host one subgraph, ${GATHERED}: the gateway gathers from all of them.`,
    `Keys, databases, configuration and logs are in ${directory}`,
    '',
    'Who can sign in (all of them invented), and what their grants are for:',
    ...[...PEOPLE, DASHBOARD].flatMap(describeViewer),
    '',
    `A token for curl:                npx amana token analyst${elsewhere ? ` --directory ${directory}` : ''}`,
    `What a custodian lets whom see:  npx amana grants ministry${elsewhere ? ` --config ${join(directory, 'ministry.yaml')}` : ''}`,
    '',
  ].join('\n');
}

function describeViewer({ id, kind, name, role, purposes }: DemoViewer): string[] {
  const hasGrants = DEMO_GRANTS.some(({ viewer }) => viewer === id);
  return [
    `  ${padded(id, 19)}${padded(name.en, 16)}${padded(name.ar, 16)}${role.en}`,
    `  ${padded(kind === 'CLIENT' ? '(client)' : '', 19)}${padded(role.ar, 33)}${hasGrants ? purposes.join(', ') : '(no grants yet)'}`,
  ];
}

const hostsOf = (subgraph: string): string =>
  DEMO_CUSTODIANS.filter((one) => one.subgraph === subgraph)
    .map(({ id }) => id)
    .join(' and ');
