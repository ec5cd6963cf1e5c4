import { readFileSync } from 'node:fs';
import { type JWTVerifyGetKey, createLocalJWKSet, createRemoteJWKSet } from 'jose';
import type { Logger } from 'pino';
import { z } from 'zod';
import { ConfigurationError } from '../../protocol/read-configuration.ts';
import { discoverProvider } from '../identity-provider.ts';
import { keepTrying } from '../keep-trying.ts';
import type { TokenSettings } from './supergraph-settings.ts';

const KeySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) });

/** The public keys that tokens are verified with: those of a file, or those that the issuer publishes. Throws `ConfigurationError`. */
export async function tokenKeys(
  { issuer, jwksFile }: TokenSettings,
  log: Logger,
  signal: AbortSignal,
): Promise<JWTVerifyGetKey> {
  if (jwksFile !== undefined) return readKeys(jwksFile);
  if (issuer === undefined) throw new ConfigurationError('Say where the keys are: --issuer <url> or --jwks <file>.');
  try {
    return await keepTrying(
      () => discoverKeys(issuer, signal),
      signal,
      (reason) => log.info({ issuer, reason }, 'waiting for the identity provider'),
    );
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'no answer';
    throw new ConfigurationError(`The identity provider ${issuer} did not answer in time: ${reason}`, { cause });
  }
}

function readKeys(file: string): JWTVerifyGetKey {
  let given: z.infer<typeof KeySet>;
  try {
    given = KeySet.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new ConfigurationError(`${file}: public keys as a JWK set are needed.`, { cause });
  }
  // With a shared secret every subgraph that verifies could also forge; a private key has no business here.
  if (given.keys.some((key) => key.kty === 'oct' || 'd' in key))
    throw new ConfigurationError(`${file}: it holds a secret or a private key. Only public keys may be in it.`);
  return createLocalJWKSet(given);
}

async function discoverKeys(issuer: string, signal: AbortSignal): Promise<JWTVerifyGetKey> {
  const { server } = await discoverProvider(issuer, signal);
  if (server.jwks_uri === undefined) throw new Error('its discovery document names no jwks_uri');
  return createRemoteJWKSet(new URL(server.jwks_uri));
}
