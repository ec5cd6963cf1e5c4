import { type JWTVerifyGetKey, createRemoteJWKSet, customFetch } from 'jose';

/** The identity provider's key set over HTTP, read again when it is ten minutes old or a token names a key it does not hold. */
export interface ProviderKeys {
  readonly verify: JWTVerifyGetKey;
  /** Reads them where that is due, and answers whether they are there and whether they could be read the last time. */
  check(): Promise<{ readonly known: boolean; readonly readable: boolean }>;
}

const TIMEOUT = 3_000;
/** How long an unknown key's name does not make them be read again. */
const COOLDOWN = 5_000;

/** The key set at an address. */
export function providerKeys(jwksUri: string): ProviderKeys {
  let readable = false;
  const keys = createRemoteJWKSet(new URL(jwksUri), {
    timeoutDuration: TIMEOUT,
    cooldownDuration: COOLDOWN,
    [customFetch]: async (url, options) => {
      const response = await fetch(url, options).catch((error: unknown) => {
        readable = false;
        throw error;
      });
      readable = response.ok;
      return response;
    },
  });
  return {
    verify: keys,
    check: async () => {
      // What went wrong is in what follows.
      if (!keys.fresh || !readable) await keys.reload().catch(() => {});
      return { known: keys.jwks() !== undefined, readable };
    },
  };
}
