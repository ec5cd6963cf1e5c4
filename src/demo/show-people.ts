import { join } from 'node:path';
import { DEMO_DIRECTORY } from '../cli/configuration-file.ts';
import { DEMO_CUSTODIANS } from './demo-custodians.ts';
import { padded } from './terminal-text.ts';
import { DASHBOARD, PEOPLE } from './people.ts';
import type { Federation } from './start-federation.ts';

/** Where everything is and who can sign in, for a terminal of 100 columns. */
export function showPeople({ gateway, issuer, custodians }: Federation, directory: string): string {
  const viewers = [...PEOPLE, DASHBOARD].flatMap(({ id, kind, name, role, purposes }) => [
    `  ${padded(id, 19)}${padded(name.en, 16)}${padded(name.ar, 16)}${role.en}`,
    `  ${padded(kind === 'CLIENT' ? '(client)' : '', 19)}${padded(role.ar, 33)}${purposes.join(', ')}`,
  ]);
  // Commands find the demo in its usual place by themselves.
  const elsewhere = directory !== DEMO_DIRECTORY;
  return [
    `Console            ${gateway}/   sign in as anybody below, without a password`,
    `GraphQL            ${gateway}/graphql`,
    `Identity provider  ${issuer}`,
    ...DEMO_CUSTODIANS.map(
      ({ id, name }) => `${padded(id, 19)}${padded(custodians[id], 26)}${padded(name.ar, 28)}${name.en}`,
    ),
    `Keys, databases, configuration and logs are in ${directory}`,
    '',
    'Who can sign in (all of them invented), and what their grants are for:',
    ...viewers,
    '',
    `A token for curl:                npx amana token analyst${elsewhere ? ` --directory ${directory}` : ''}`,
    `What a custodian lets whom see:  npx amana grants ministry${elsewhere ? ` --config ${join(directory, 'ministry.yaml')}` : ''}`,
    '',
  ].join('\n');
}
