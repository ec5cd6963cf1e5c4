import { readFileSync } from 'node:fs';
import { type JWK, SignJWT, createLocalJWKSet, importJWK } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { identify } from '../../src/gateway/identify.ts';
import { type VerifyAccessToken, accessTokenVerifier } from '../../src/protocol/access-token.ts';
import { GATEWAY_AUDIENCE, custodianAudience } from '../../src/protocol/identifiers.ts';
import { makeSigningKey } from '../../src/protocol/make-signing-key.ts';

type Claims = Record<string, unknown> & { exp: number; iat: number };

const shapes: { header: { typ: string; alg: string } } & Record<'viewer' | 'exchanged' | 'dashboard', Claims> =
  JSON.parse(readFileSync(new URL('keycloak-tokens.json', import.meta.url), 'utf8'));
const issuer = 'https://sign-in.amana.example:8443/realms/amana';
const NOW = Date.parse('2027-01-01T00:00:00Z');

let signing: JWK;
let verifierFor: (audience: string) => VerifyAccessToken;
beforeAll(async () => {
  const pair = await makeSigningKey();
  ({ signing } = pair);
  const keys = createLocalJWKSet({ keys: [pair.pinned] });
  verifierFor = (audience) => accessTokenVerifier({ issuer, audience, keys, now: () => NOW });
});

async function signed(claims: Claims, header: Record<string, unknown> = shapes.header): Promise<string> {
  const at = (seconds: number): number => NOW / 1000 + seconds;
  return new SignJWT({ ...claims, exp: at(claims.exp), iat: at(claims.iat) })
    .setProtectedHeader({ ...header, alg: 'ES256', kid: String(signing.kid) })
    .sign(await importJWK(signing, 'ES256'));
}

describe('access tokens as Keycloak writes them, without nbf', () => {
  it('a viewer’s is accepted at the gateway, and says who asks', async () => {
    const authorization = `Bearer ${await signed(shapes.viewer)}`;
    const viewer = await identify({ authorization, purpose: 'IDENTIFICATION' }, verifierFor(GATEWAY_AUDIENCE));
    expect(viewer).toMatchObject({ subject: shapes.viewer['sub'], subjectKind: 'USER' });
  });

  it('an exchanged one is accepted at its custodian, of the same subject, and nowhere else', async () => {
    const token = await signed(shapes.exchanged);
    const claims = await verifierFor(custodianAudience('ministry'))(token);
    expect(claims.sub).toBe(shapes.viewer['sub']);
    await expect(verifierFor(custodianAudience('missing'))(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(verifierFor(GATEWAY_AUDIENCE)(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('a dashboard’s names its service account, behind which no person ever stands', async () => {
    const authorization = `Bearer ${await signed(shapes.dashboard)}`;
    const viewer = await identify({ authorization, purpose: 'STATISTICS' }, verifierFor(GATEWAY_AUDIENCE));
    expect(viewer.subject).toBe(shapes.dashboard['sub']);
  });

  it.each<[string, Claims, Record<string, unknown>?]>([
    ['with the type that Keycloak writes where the client is not set to RFC 9068', shapes.viewer, { typ: 'JWT' }],
    ['without the client_id that the realm’s mapper adds', { ...shapes.viewer, client_id: undefined }],
    ['for the account console too, and not for the gateway', { ...shapes.viewer, aud: ['account'] }],
    ['issued in the future', { ...shapes.viewer, iat: 30 }],
    ['not valid yet', { ...shapes.viewer, nbf: NOW / 1000 + 30 }],
    ['of another realm', { ...shapes.viewer, iss: issuer.replace('/amana', '/other') }],
  ])('one %s is refused', async (_, claims, header) => {
    const token = await signed(claims, header);
    await expect(verifierFor(GATEWAY_AUDIENCE)(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('come from a realm whose clients are set to write them so', () => {
    const { clients } = JSON.parse(
      readFileSync(new URL('../../deploy/keycloak/realm.json', import.meta.url), 'utf8'),
    ) as { clients: { clientId: string; attributes: Record<string, string>; protocolMappers?: { name: string }[] }[] };
    const of = (id: string) => clients.find(({ clientId }) => clientId === id);
    for (const id of ['amana-console', GATEWAY_AUDIENCE, 'amana-dashboard']) {
      expect(of(id)?.attributes).toMatchObject({ 'access.token.header.type.rfc9068': 'true' });
      expect(of(id)?.protocolMappers?.map(({ name }) => name)).toContain('client_id');
    }
    expect(of(GATEWAY_AUDIENCE)?.attributes).toMatchObject({ 'standard.token.exchange.enabled': 'true' });
    for (const id of ['ministry', 'missing', 'ngo-a', 'ngo-b']) expect(of(custodianAudience(id))).toBeDefined();
  });
});
