import { randomBytes } from 'node:crypto';
import { type Account, type Configuration, type KoaContextWithOIDC, errors } from 'oidc-provider';
import { GATEWAY_AUDIENCE } from '../../protocol/identifiers.ts';
import type { DemoViewer } from '../people.ts';
import { boundedStore } from './bounded-store.ts';
import { TOKEN_EXCHANGE, jwtFor } from './exchange-token.ts';
import { errorPage, preferredLanguage } from './sign-in-page.ts';
import type { SigningKeys } from './signing-keys.ts';

/** How long an access token for the gateway lives, in seconds. */
export const ACCESS_TOKEN_LIFETIME = 3600;

/** A client with a secret of its own (`client_secret_basic`). */
export interface ConfidentialClient {
  readonly id: string;
  readonly secret: string;
}

/** The programs that know this provider: the web console (public, PKCE), the gateway, and dashboards. */
export interface Clients {
  readonly console: { readonly id: string; readonly redirectUris: readonly string[] };
  readonly gateway: ConfidentialClient;
  readonly dashboards: readonly ConfidentialClient[];
}

interface Given {
  readonly keys: SigningKeys;
  readonly people: readonly DemoViewer[];
  readonly clients: Clients;
  readonly now: () => number;
}

/** The settings of `oidc-provider` for the demo: its clients, its people, JWT access tokens for the gateway. */
export function configureProvider({ keys, people, clients, now }: Given): Configuration {
  return {
    adapter: boundedStore(now),
    jwks: keys,
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    clients: clientMetadata(clients),
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    clientBasedCORS: (_, origin, { clientId, redirectUris }) =>
      clientId === clients.console.id && (redirectUris ?? []).some((uri) => new URL(uri).origin === origin),
    findAccount: (_, id) => accountOf(people.find((person) => person.id === id)),
    responseTypes: ['code'],
    scopes: ['openid', 'profile'],
    claims: { openid: ['sub'], profile: ['name', 'name#ar'] },
    conformIdTokenClaims: false,
    loadExistingGrant: grantEverything,
    extraTokenClaims: (_, token) =>
      'gty' in token && token.gty === TOKEN_EXCHANGE ? { act: { sub: clients.gateway.id } } : undefined,
    formats: {
      customizers: {
        jwt: (_, __, { payload }) => {
          payload.nbf = payload.iat;
        },
      },
    },
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_, __, oneOf) => oneOf ?? GATEWAY_AUDIENCE,
        useGrantedResource: () => true,
        getResourceServerInfo: (_, indicator) => {
          if (indicator !== GATEWAY_AUDIENCE) throw new errors.InvalidTarget('resource must be the gateway');
          return jwtFor(GATEWAY_AUDIENCE, ACCESS_TOKEN_LIFETIME);
        },
      },
    },
    ttl: {
      AccessToken: ACCESS_TOKEN_LIFETIME,
      AuthorizationCode: 60,
      ClientCredentials: ACCESS_TOKEN_LIFETIME,
      Grant: ACCESS_TOKEN_LIFETIME,
      IdToken: ACCESS_TOKEN_LIFETIME,
      Interaction: 600,
      Session: ACCESS_TOKEN_LIFETIME,
    },
    renderError: (ctx, { error_description, error }) => {
      ctx.type = 'html';
      ctx.body = errorPage(preferredLanguage(ctx.get('accept-language')), error_description ?? error);
    },
  };
}

function clientMetadata({ console, gateway, dashboards }: Clients): Configuration['clients'] {
  const confidential = ({ id, secret }: ConfidentialClient, grant: string) => ({
    client_id: id,
    client_secret: secret,
    grant_types: [grant],
    response_types: [],
    redirect_uris: [],
    token_endpoint_auth_method: 'client_secret_basic' as const,
  });
  return [
    {
      client_id: console.id,
      redirect_uris: [...console.redirectUris],
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    confidential(gateway, TOKEN_EXCHANGE),
    ...dashboards.map((dashboard) => confidential(dashboard, 'client_credentials')),
  ];
}

/** The claims of a person; `name#ar` is their name in Arabic (OpenID Connect Core §5.2). */
function accountOf(person: DemoViewer | undefined): Account | undefined {
  if (!person) return undefined;
  const { id, name } = person;
  return { accountId: id, claims: () => ({ sub: id, name: name.en, 'name#ar': name.ar }) };
}

/** Every client here is the federation's own, so nobody is asked for consent. */
async function grantEverything(ctx: KoaContextWithOIDC) {
  const { provider, client, session } = ctx.oidc;
  const accountId = session?.accountId;
  if (!client || accountId === undefined) return undefined;
  const grant = new provider.Grant({ clientId: client.clientId, accountId });
  grant.addOIDCScope('openid profile');
  grant.addResourceScope(GATEWAY_AUDIENCE, '');
  await grant.save();
  return grant;
}
