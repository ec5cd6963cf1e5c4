import {
  CONTEXT_HEADER,
  CONTEXT_LIFETIME,
  type ContextSigner,
  REQUEST_ID_HEADER,
  signRequestContext,
} from '../protocol/request-context.ts';
import { ExpiringCache } from './expiring-cache.ts';
import type { Viewer } from './identify.ts';
import type { IdentityProvider } from './identity-provider.ts';
import { viewerKeys } from './viewer-keys.ts';

/** What proves the viewer, and the gateway and purpose, to one custodian and no other. */
export interface Credentials {
  /** Whom they prove; never sent. */
  readonly viewer: string;
  readonly token: string;
  readonly context: string;
}

const REMEMBERED = 10_000;
const BEFORE_EXPIRY = 30_000;
const CONTEXT_REUSE = (CONTEXT_LIFETIME - 20) * 1000;

/**
 * Obtains credentials by token exchange and by signing, and keeps them while they are fresh: tokens by (hash of the
 * viewer's token, custodian), so that a second token of his, perhaps of another session, is exchanged for itself; contexts
 * by (viewer, kind of viewer, purpose, reference, custodian, signing key).
 */
export class CustodianCredentials {
  readonly #provider: IdentityProvider;
  readonly #signer: () => ContextSigner;
  readonly #tokens: ExpiringCache<string>;
  readonly #contexts: ExpiringCache<string>;

  /** `signer` is the one in force now: contexts that a former one signed are not used again. */
  constructor(provider: IdentityProvider, signer: () => ContextSigner, now: () => number) {
    this.#provider = provider;
    this.#signer = signer;
    this.#tokens = new ExpiringCache(REMEMBERED, now);
    this.#contexts = new ExpiringCache(REMEMBERED, now);
  }

  /** Throws where the provider does not exchange the token; `signal` bounds the exchange. */
  async of(viewer: Viewer, custodian: string, signal: AbortSignal): Promise<Credentials> {
    const [token, context] = await Promise.all([
      this.#token(viewer, custodian, signal),
      this.#context(viewer, custodian),
    ]);
    return { viewer: viewer.subject, token, context };
  }

  /** Those that are fresh; undefined where something is to be obtained. */
  known(viewer: Viewer, custodian: string): Credentials | undefined {
    const token = this.#tokens.get(viewerKeys(viewer, custodian).token);
    const context = this.#contexts.get(contextKey(viewer, custodian, this.#signer()));
    return token === undefined || context === undefined ? undefined : { viewer: viewer.subject, token, context };
  }

  /** Forgets what a custodian has refused. */
  forget(viewer: Viewer, custodian: string): void {
    this.#tokens.delete(viewerKeys(viewer, custodian).token);
    this.#contexts.delete(contextKey(viewer, custodian, this.#signer()));
  }

  async #token(viewer: Viewer, custodian: string, signal: AbortSignal): Promise<string> {
    const key = viewerKeys(viewer, custodian).token;
    const known = this.#tokens.get(key);
    if (known !== undefined) return known;
    const { token, until } = await this.#provider.exchange(viewer.token, custodian, signal);
    this.#tokens.set(key, token, until - BEFORE_EXPIRY);
    return token;
  }

  async #context(viewer: Viewer, custodian: string): Promise<string> {
    const signer = this.#signer();
    const key = contextKey(viewer, custodian, signer);
    const known = this.#contexts.get(key);
    if (known !== undefined) return known;
    const context = await signRequestContext(signer, custodian, viewer);
    this.#contexts.set(key, context, signer.now() + CONTEXT_REUSE);
    return context;
  }
}

/** The headers under which the gateway asks a custodian. */
export function credentialHeaders(
  { token, context }: Omit<Credentials, 'viewer'>,
  requestId: string,
): Record<string, string> {
  return { authorization: `Bearer ${token}`, [CONTEXT_HEADER]: context, [REQUEST_ID_HEADER]: requestId };
}

const contextKey = (viewer: Viewer, custodian: string, { kid }: ContextSigner): string =>
  `${viewerKeys(viewer, custodian).context} ${kid}`;
