import { readFileSync } from 'node:fs';
import { clientToken, signIn } from './identity-provider/sign-in.ts';
import { DASHBOARD } from './people.ts';
import { CONSOLE_CLIENT, SIGNED_IN, secretFile } from './write-configuration.ts';

/** An access token for the gateway of somebody who can sign in to the demo; throws where they cannot. */
export const tokenOf = ({ gateway, issuer }: { gateway: string; issuer: string }, person: string): Promise<string> =>
  signIn({ issuer, person, clientId: CONSOLE_CLIENT, redirectUri: `${gateway}${SIGNED_IN}` });

/** The dashboard's own access token for the gateway, with the secret kept in the demo's directory. */
export const dashboardToken = ({ issuer }: { issuer: string }, directory: string): Promise<string> =>
  clientToken({ issuer, id: DASHBOARD.id, secret: readFileSync(secretFile(directory, 'dashboard-client'), 'utf8') });
