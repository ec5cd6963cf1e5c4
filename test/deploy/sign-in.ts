import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:https';
import { Provider } from 'oidc-provider';
import { configureProvider } from '../../src/demo/identity-provider/configure-provider.ts';
import { registerTokenExchange } from '../../src/demo/identity-provider/exchange-token.ts';
import { loadSigningKeys } from '../../src/demo/identity-provider/signing-keys.ts';
import { PEOPLE } from '../../src/demo/people.ts';

// A real OpenID provider in Keycloak's place: at its address, with its paths, and with the clients of deploy/keycloak.
const ISSUER = 'https://sign-in.amana.example:8443/realms/amana';
const PREFIX = '/realms/amana';

const secret = (name: string): string => readFileSync(`/run/secrets/${name}`, 'utf8').trim();
const custodians = ['ministry', 'missing', 'ngo-a', 'ngo-b'];
const now = Date.now;
const [directory = ''] = process.argv.slice(2);
const keys = await loadSigningKeys(directory);
const clients = {
  console: { id: 'amana-console', redirectUris: ['https://amana.example/signed-in'] },
  gateway: { id: 'urn:amana:gateway', secret: secret('gateway-client-secret') },
  dashboards: [{ id: 'amana-dashboard', secret: secret('dashboard-client-secret') }],
};
const endpoint = (name: string): string => `/protocol/openid-connect/${name}`;
const provider = new Provider(ISSUER, {
  ...configureProvider({ keys, people: PEOPLE, clients, now }),
  routes: { jwks: endpoint('certs'), token: endpoint('token'), authorization: endpoint('auth') },
});
registerTokenExchange(provider, {
  clientId: clients.gateway.id,
  custodians,
  keys: { keys: keys.keys.map(({ kty, crv, x, y, kid, alg }) => ({ kty, crv, x, y, kid, alg })) },
  now,
});
const answer = provider.callback();
createServer({ cert: secret('tls.crt'), key: secret('tls.key') }, (request, response) => {
  const url = request.url ?? '';
  if (!url.startsWith(`${PREFIX}/`)) {
    response.writeHead(404).end();
    return;
  }
  Object.assign(request, { originalUrl: url, url: url.slice(PREFIX.length) });
  void answer(request, response);
}).listen(8443);
createHttpServer((_, response) => response.end('{"status": "UP"}')).listen(9000, '127.0.0.1');
