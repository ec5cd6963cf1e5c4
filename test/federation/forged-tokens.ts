import { createPublicKey } from 'node:crypto';
import { type JWK, SignJWT, base64url, exportJWK, generateKeyPair, importJWK } from 'jose';
import { accessToken, federation, keys } from './harness.ts';

type Forge = (audience: string) => Promise<string>;

const encode = (part: object): string => base64url.encode(JSON.stringify(part));

const good = (aud: string): Promise<string> => accessToken('forged', { aud });

/** A key like the provider's, under its id, that is not the provider's. */
export async function foreignKey(kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg: 'ES256' };
}

async function unsigned(audience: string, alg: string): Promise<string> {
  const [, payload = ''] = (await good(audience)).split('.');
  return `${encode({ alg, typ: 'at+jwt' })}.${payload}.`;
}

/** RFC 8725 §2.1: the public key, which everybody has, taken as the secret of an HMAC. */
async function signedWithPublicKey(audience: string): Promise<string> {
  const [, payload = ''] = (await good(audience)).split('.');
  const { kid, ...jwk } = keys.provider();
  const secret = createPublicKey({ key: jwk as never, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  return new SignJWT(JSON.parse(Buffer.from(payload, 'base64url').toString()))
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: String(kid) })
    .sign(Buffer.from(secret));
}

async function withOwnKeyInside(audience: string): Promise<string> {
  const key = await foreignKey('own');
  const { d: _, ...shown } = key;
  const [, payload = ''] = (await good(audience)).split('.');
  return new SignJWT(JSON.parse(Buffer.from(payload, 'base64url').toString()))
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', jwk: shown as never, jku: `${federation.gateway}/jwks` })
    .sign(await importJWK(key, 'ES256'));
}

async function changed(audience: string): Promise<string> {
  const [header, payload = '', signature] = (await good(audience)).split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  return [header, encode({ ...claims, sub: 'authority-officer' }), signature].join('.');
}

const REQUIRED = ['iss', 'aud', 'exp', 'iat', 'sub', 'client_id'];
const soon = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

/** Access tokens that nobody may accept, each with what is wrong with it. */
export const FORGED_TOKENS: readonly (readonly [title: string, forge: Forge])[] = [
  ['expired', (aud) => accessToken('forged', { aud, expiresIn: -1 })],
  ['not yet valid', (aud) => accessToken('forged', { aud, with: { nbf: soon(30) } })],
  ['issued in the future', (aud) => accessToken('forged', { aud, without: ['nbf'], with: { iat: soon(30) } })],
  [
    'signed by a foreign key under the provider’s key id',
    async (aud) => accessToken('forged', { aud, key: await foreignKey(String(keys.provider().kid)) }),
  ],
  [
    'signed by a foreign key under an unknown id',
    async (aud) => accessToken('forged', { aud, key: await foreignKey('unknown') }),
  ],
  ['signed by the gateway’s own key', (aud) => accessToken('forged', { aud, key: keys.gateway() })],
  ['unsigned (alg none)', (aud) => unsigned(aud, 'none')],
  ['unsigned (alg NONE)', (aud) => unsigned(aud, 'NONE')],
  ['without its signature', async (aud) => (await good(aud)).replace(/[^.]+$/u, '')],
  ['signed by HMAC with the public key as secret', signedWithPublicKey],
  ['signed by a key that it brings itself', withOwnKeyInside],
  ['changed after it was signed', changed],
  ['for nobody we know', () => accessToken('forged', { aud: 'urn:else' })],
  ['for another audience that begins alike', (aud) => accessToken('forged', { aud: `${aud}-b` })],
  ['of another issuer', (aud) => accessToken('forged', { aud, iss: 'https://id.example' })],
  ['of another type (JWT)', (aud) => accessToken('forged', { aud, typ: 'JWT' })],
  ['of another type (request context)', (aud) => accessToken('forged', { aud, typ: 'amana-context+jwt' })],
  ['with a list for a subject', (aud) => accessToken('forged', { aud, with: { sub: ['forged', 'analyst'] } })],
  ['with an empty subject', (aud) => accessToken('forged', { aud, with: { sub: '' } })],
  ['with an expiry that is no number', (aud) => accessToken('forged', { aud, with: { exp: 'never' } })],
  ...REQUIRED.map(
    (claim) => [`without ${claim}`, (aud: string) => accessToken('forged', { aud, without: [claim] })] as const,
  ),
];
