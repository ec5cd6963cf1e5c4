import { type JWTVerifyGetKey, createRemoteJWKSet } from 'jose';
import type { Logger } from 'pino';
import * as oauth from 'oauth4webapi';
import { ListedError } from '../protocol/errors.ts';
import { custodianAudience } from '../protocol/identifiers.ts';
import { readPrivateFile } from '../protocol/read-configuration.ts';
import type { GatewayConfiguration } from './configuration.ts';
import { keepTrying } from './keep-trying.ts';

/** An access token for one custodian, and when it lapses (milliseconds since 1970). */
export interface ExchangedToken {
  readonly token: string;
  readonly until: number;
}

/** The consortium's OpenID provider, as far as the gateway needs it. */
export interface IdentityProvider {
  readonly issuer: string;
  readonly keys: JWTVerifyGetKey;
  /** Whether its keys are at hand, and not outdated; where they are, they are fetched again. */
  holdsKeys(): Promise<boolean>;
  /**
   * Exchanges a viewer's token for one that only the named custodian accepts (RFC 8693 §2.1). Throws where the provider
   * refuses, and `IDENTITY_PROVIDER_UNAVAILABLE` where it gives no usable answer.
   */
  exchange(viewerToken: string, custodian: string, signal: AbortSignal): Promise<ExchangedToken>;
}

const KEYS_COOLDOWN = 5_000;
const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

/** A provider's metadata, and what requests to it need where it speaks plain HTTP. */
export interface DiscoveredProvider {
  readonly server: oauth.AuthorizationServer;
  readonly insecure: { readonly [oauth.allowInsecureRequests]: boolean };
}

/** Implements OpenID Connect Discovery §4; throws where the provider cannot be reached or is another issuer. */
export async function discoverProvider(issuer: string, signal: AbortSignal): Promise<DiscoveredProvider> {
  const url = new URL(issuer);
  const insecure = { [oauth.allowInsecureRequests]: url.protocol === 'http:' };
  const response = await oauth.discoveryRequest(url, { ...insecure, signal });
  return { server: await oauth.processDiscoveryResponse(url, response), insecure };
}

/** The provider as it is used from then on; throws where it cannot be reached or is another issuer. */
async function openProvider(
  { issuer, clientId, clientSecretFile }: GatewayConfiguration['identityProvider'],
  now: () => number,
  signal: AbortSignal,
): Promise<IdentityProvider> {
  // The configuration has refused plain HTTP beyond loopback already.
  const { server, insecure } = await discoverProvider(issuer, signal);
  if (server.jwks_uri === undefined || server.token_endpoint === undefined) {
    throw new Error('its discovery document names no jwks_uri or no token_endpoint');
  }
  // Tokens signed with a key that the provider has just published are not refused for long.
  const keys = createRemoteJWKSet(new URL(server.jwks_uri), { cooldownDuration: KEYS_COOLDOWN });
  await keys.reload();
  const client: oauth.Client = { client_id: clientId };
  const authentication = oauth.ClientSecretBasic(readPrivateFile(clientSecretFile));
  return {
    issuer,
    keys,
    async holdsKeys() {
      if (!keys.fresh) await keys.reload();
      return keys.fresh;
    },
    async exchange(viewerToken, custodian, exchangeSignal) {
      const parameters = {
        subject_token: viewerToken,
        subject_token_type: ACCESS_TOKEN,
        requested_token_type: ACCESS_TOKEN,
        audience: custodianAudience(custodian),
      };
      const options = { ...insecure, signal: exchangeSignal };
      try {
        const answer = await oauth.genericTokenEndpointRequest(
          server,
          client,
          authentication,
          TOKEN_EXCHANGE,
          parameters,
          options,
        );
        const { access_token, expires_in = 0 } = await oauth.processGenericTokenEndpointResponse(
          server,
          client,
          answer,
        );
        return { token: access_token, until: now() + expires_in * 1000 };
      } catch (cause) {
        throw isRefusal(cause) ? cause : new ListedError('IDENTITY_PROVIDER_UNAVAILABLE', { cause });
      }
    },
  };
}

/** Whether the provider has answered, in its own terms, that it does not exchange this token (RFC 6749 §5.2). */
const isRefusal = (cause: unknown): boolean =>
  cause instanceof oauth.WWWAuthenticateChallengeError ||
  (cause instanceof oauth.ResponseBodyError && cause.status < 500);

/** Discovers the provider, trying again until the signal says that the start has taken too long; then throws. */
export async function waitForProvider(
  settings: GatewayConfiguration['identityProvider'],
  now: () => number,
  log: Logger,
  signal: AbortSignal,
): Promise<IdentityProvider> {
  const { issuer } = settings;
  try {
    return await keepTrying(
      () => openProvider(settings, now, signal),
      signal,
      (reason) => log.info({ issuer, reason }, 'waiting for the identity provider'),
    );
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'no answer';
    throw new Error(`The identity provider ${issuer} did not answer in time: ${reason}`, { cause });
  }
}
