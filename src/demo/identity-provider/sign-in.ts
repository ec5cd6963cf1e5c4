import * as oauth from 'oauth4webapi';
import { GATEWAY_AUDIENCE } from '../../protocol/identifiers.ts';
import type { ConfidentialClient } from './configure-provider.ts';

const patience = (): AbortSignal => AbortSignal.timeout(10_000);
// The demo's provider speaks plain HTTP, on loopback only.
const LOOPBACK = { [oauth.allowInsecureRequests]: true, signal: patience };
const MOST_REDIRECTS = 10;

interface SignIn {
  readonly issuer: string;
  /** The person's id, as on the sign-in page. */
  readonly person: string;
  readonly clientId: string;
  /** Where the client has sign-ins return to; nothing needs to be listening there. */
  readonly redirectUri: string;
}

/**
 * Signs a demo person in as a browser would, by authorization code with PKCE (RFC 7636), and returns their access token
 * for the gateway. Throws when the provider cannot be reached or nobody of that id can sign in.
 */
export async function signIn({ issuer, person, clientId, redirectUri }: SignIn): Promise<string> {
  const server = await discover(issuer);
  const client = { client_id: clientId };
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const url = new URL(server.authorization_endpoint ?? '');
  url.search = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid',
    resource: GATEWAY_AUDIENCE,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
  }).toString();
  const returned = await choosePerson(url, person, redirectUri);
  const parameters = oauth.validateAuthResponse(server, client, returned, state);
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.None(),
    parameters,
    redirectUri,
    verifier,
    LOOPBACK,
  );
  return (await oauth.processAuthorizationCodeResponse(server, client, response)).access_token;
}

/** A dashboard's own access token for the gateway, by client credentials (RFC 6749 §4.4). Throws when it is refused. */
export async function clientToken({ issuer, id, secret }: ConfidentialClient & { issuer: string }): Promise<string> {
  const server = await discover(issuer);
  const client = { client_id: id };
  const authentication = oauth.ClientSecretBasic(secret);
  const response = await oauth.clientCredentialsGrantRequest(server, client, authentication, {}, LOOPBACK);
  return (await oauth.processClientCredentialsResponse(server, client, response)).access_token;
}

async function discover(issuer: string): Promise<oauth.AuthorizationServer> {
  const url = new URL(issuer);
  return oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, LOOPBACK));
}

/** Follows the provider's pages with their cookies up to the redirection that carries the code. */
async function choosePerson(start: URL, person: string, redirectUri: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let url = start;
  for (let hop = 0; hop < MOST_REDIRECTS; hop++) {
    const choosing = url.pathname.startsWith('/interaction/');
    const response = await fetch(url, {
      redirect: 'manual',
      signal: patience(),
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(choosing && { method: 'POST', body: new URLSearchParams({ person }) }),
    });
    await response.body?.cancel();
    for (const [name, value] of response.headers.getSetCookie().map(nameAndValue)) cookies.set(name, value);
    const location = response.headers.get('location');
    if (location === null) {
      throw new Error(
        choosing
          ? `Nobody with the id ${person} can sign in to the demo.`
          : `The identity provider refused the sign-in (HTTP ${response.status}).`,
      );
    }
    url = new URL(location, url);
    if (url.href.startsWith(`${redirectUri}?`)) return url;
  }
  throw new Error('The identity provider redirects without end.');
}

function nameAndValue(setCookie: string): [string, string] {
  const [, name = '', value = ''] = /^([^=]*)=([^;]*)/u.exec(setCookie) ?? [];
  return [name, value];
}
