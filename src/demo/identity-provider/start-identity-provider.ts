import { type RequestListener, createServer } from 'node:http';
import { once } from 'node:events';
import { Provider } from 'oidc-provider';
import type { DemoViewer } from '../people.ts';
import { INTERACTION_PATH, answerInteraction } from './answer-interaction.ts';
import { type Clients, configureProvider } from './configure-provider.ts';
import { registerTokenExchange } from './exchange-token.ts';
import { contentSecurityPolicy } from './sign-in-page.ts';
import { loadSigningKeys } from './signing-keys.ts';

/** What the demo's identity provider needs to know. */
export interface IdentityProviderOptions {
  /** Loopback only: anybody may sign in as anybody here. */
  readonly host: '127.0.0.1';
  /** 0 takes a free one. */
  readonly port: number;
  /** Where the signing keys are kept. */
  readonly directory: string;
  readonly people: readonly DemoViewer[];
  readonly clients: Clients;
  /** The ids of the custodians for which the gateway may obtain tokens. */
  readonly custodians: readonly string[];
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** A running identity provider. */
export interface IdentityProvider {
  readonly issuer: string;
  readonly close: () => Promise<void>;
}

/**
 * Starts the demo's OpenID provider: authorization code with PKCE, client credentials, and token exchange to one
 * custodian. Throws when the port is in use, or when a person and a client bear the same id.
 */
export async function startIdentityProvider(options: IdentityProviderOptions): Promise<IdentityProvider> {
  const { host, port, directory, people, clients, custodians, now = Date.now } = options;
  refuseSharedIds(people, clients);
  const keys = await loadSigningKeys(directory);

  // The issuer contains the port, so the socket comes before the provider.
  const server = createServer();
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  const issuer = `http://${host}:${typeof address === 'object' && address ? address.port : port}`;

  const provider = new Provider(issuer, configureProvider({ keys, people, clients, now }));
  provider.on('server_error', (_, error) => console.error(error));
  registerTokenExchange(provider, {
    clientId: clients.gateway.id,
    custodians,
    keys: { keys: keys.keys.map(({ kty, crv, x, y, kid, alg }) => ({ kty, crv, x, y, kid, alg })) },
    now,
  });
  server.on('request', answer(provider, people, clients.console.redirectUris));
  return {
    issuer,
    close: async () => {
      server.close();
      server.closeIdleConnections();
      const patience = setTimeout(() => server.closeAllConnections(), 1_000);
      await once(server, 'close');
      clearTimeout(patience);
    },
  };
}

function answer(provider: Provider, people: readonly DemoViewer[], redirectUris: readonly string[]): RequestListener {
  const answerProtocol = provider.callback();
  const policy = contentSecurityPolicy(redirectUris.map((uri) => new URL(uri).origin));
  return (request, response) => {
    response.setHeader('content-security-policy', policy);
    response.setHeader('referrer-policy', 'no-referrer');
    response.setHeader('x-content-type-options', 'nosniff');
    if (request.url?.startsWith(INTERACTION_PATH)) {
      answerInteraction(provider, people, request, response).catch((error: unknown) => {
        console.error(error);
        response.writeHead(500).end();
      });
    } else {
      void answerProtocol(request, response);
    }
  };
}

/** In an access token `sub` equal to `client_id` says that nobody stands behind the client, so the two must never meet. */
function refuseSharedIds(people: readonly DemoViewer[], { console, gateway, dashboards }: Clients): void {
  const ids = [console, gateway, ...dashboards, ...people].map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new Error(`Two of the provider's people and clients bear the id ${twice}.`);
}
