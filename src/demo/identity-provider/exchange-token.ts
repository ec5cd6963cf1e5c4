import { type JSONWebKeySet, createLocalJWKSet } from 'jose';
import { Provider, type ResourceServer, type TokenEndpointGrantContext, errors } from 'oidc-provider';
import { type AccessTokenClaims, accessTokenVerifier } from '../../protocol/access-token.ts';
import { GATEWAY_AUDIENCE, custodianAudience } from '../../protocol/identifiers.ts';

/** The grant type of token exchange (RFC 8693 §2.1). */
export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const PARAMETERS = [
  'audience',
  'resource',
  'scope',
  'subject_token',
  'subject_token_type',
  'requested_token_type',
  'actor_token',
  'actor_token_type',
];

/** How long an exchanged token lives at most, in seconds. */
export const EXCHANGED_LIFETIME = 300;

interface Exchange {
  /** The only client that may exchange: the gateway's. */
  readonly clientId: string;
  readonly custodians: readonly string[];
  readonly keys: JSONWebKeySet;
  readonly now: () => number;
}

type Parameters = Partial<Record<(typeof PARAMETERS)[number], string>>;

/**
 * Teaches the provider token exchange (RFC 8693): the gateway brings a viewer's access token for itself and gets one
 * with the same subject for exactly one custodian, which lives five minutes at most and never longer than the first.
 */
export function registerTokenExchange(provider: Provider, { clientId, custodians, keys, now }: Exchange): void {
  const audiences = new Set(custodians.map(custodianAudience));
  const verify = accessTokenVerifier({
    issuer: provider.issuer,
    audience: GATEWAY_AUDIENCE,
    keys: createLocalJWKSet(keys),
    now,
  });

  const exchange = async (ctx: TokenEndpointGrantContext<Parameters>): Promise<void> => {
    const { client, params } = ctx.oidc;
    if (client.clientId !== clientId) throw new errors.UnauthorizedClient('this client may not exchange tokens');
    const audience = requestedAudience(params, audiences);
    const subject = await verifySubject(verify, params.subject_token);
    // What was exchanged once must not be passed on: the audience check refuses it already, this says so by name.
    if (subject.client_id === clientId) throw new errors.InvalidRequest('the subject token is an exchanged one');

    const second = Math.floor(now() / 1000);
    const exp = Math.min(subject.exp, second + EXCHANGED_LIFETIME);
    const token = new provider.AccessToken({
      client,
      accountId: subject.sub,
      grantId: '',
      gty: TOKEN_EXCHANGE,
      resourceServer: new provider.ResourceServer(audience, jwtFor(audience)),
      exp,
      expiresIn: exp - second,
    });
    ctx.body = {
      access_token: await token.save(),
      issued_token_type: ACCESS_TOKEN,
      token_type: token.tokenType,
      expires_in: token.expiration,
    };
  };

  // `audience` and `resource` may be repeated by RFC 8693 §2.1; here one custodian is one exchange.
  provider.registerGrantType<Parameters>(TOKEN_EXCHANGE, exchange, PARAMETERS);
}

/** How access tokens for an audience are made: as JWTs (RFC 9068), without scopes, since grants live at the custodians. */
export const jwtFor = (audience: string, accessTokenTTL?: number): ResourceServer => ({
  audience,
  scope: '',
  accessTokenFormat: 'jwt',
  jwt: { sign: { alg: 'ES256' } },
  ...(accessTokenTTL !== undefined && { accessTokenTTL }),
});

function requestedAudience(params: Parameters, audiences: ReadonlySet<string>): string {
  const { audience, resource, scope, subject_token_type, requested_token_type, actor_token } = params;
  if (subject_token_type !== ACCESS_TOKEN)
    throw new errors.InvalidRequest(`subject_token_type must be ${ACCESS_TOKEN}`);
  if (requested_token_type !== undefined && requested_token_type !== ACCESS_TOKEN) {
    throw new errors.InvalidRequest(`requested_token_type must be ${ACCESS_TOKEN}`);
  }
  if (actor_token !== undefined) throw new errors.InvalidRequest('actor_token is not supported');
  if (scope !== undefined) throw new errors.InvalidScope('exchanged tokens carry no scope', scope);
  if (resource !== undefined || audience === undefined || !audiences.has(audience)) {
    throw new errors.InvalidTarget('audience must be one custodian of this federation');
  }
  return audience;
}

/** RFC 8693 §2.2.2: a subject token that is not acceptable for whatever reason is an `invalid_request`. */
async function verifySubject(
  verify: (token: string) => Promise<AccessTokenClaims>,
  token: string | undefined,
): Promise<AccessTokenClaims> {
  try {
    return await verify(token ?? '');
  } catch (cause) {
    throw new errors.InvalidRequest('subject_token must be a valid access token for the gateway', 400, { cause });
  }
}
