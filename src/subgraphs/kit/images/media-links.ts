import { randomBytes } from 'node:crypto';
import type { RequestContext } from '../../../protocol/request-context.ts';

/** What a link opens: one record's image, for one viewer and purpose, under one grant. */
export interface LinkedImage {
  readonly record: string;
  readonly viewer: RequestContext;
  /** The id of the grant that gives it. */
  readonly grant: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

interface MediaLinksSettings {
  /** The custodian's public origin. */
  readonly origin: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** How long a link lives, in milliseconds. */
const LIFETIME = 60_000;
const MOST_LINKS = 100_000;

/**
 * The links to images that live. They are kept in this process's memory: nothing about who looked for what is stored
 * for them, reading writes nothing, and a restart ends them all. Beyond 100,000 the oldest end early.
 */
export class MediaLinks {
  readonly #settings: MediaLinksSettings;
  // In the order of their end, since all live equally long.
  readonly #links = new Map<string, LinkedImage>();

  constructor(settings: MediaLinksSettings) {
    this.#settings = settings;
  }

  /** A new link, as a URL with a random handle of 128 bits. */
  issue(image: Omit<LinkedImage, 'expiresAt'>): { url: string; expiresAt: number } {
    const now = this.#settings.now();
    for (const [handle, { expiresAt }] of this.#links) {
      if (expiresAt > now && this.#links.size < MOST_LINKS) break;
      this.#links.delete(handle);
    }
    const handle = randomBytes(16).toString('base64url');
    const expiresAt = now + LIFETIME;
    this.#links.set(handle, { ...image, expiresAt });
    return { url: `${this.#settings.origin}/media/${handle}`, expiresAt };
  }

  /** What a handle opens; undefined where it is unknown or has expired, which nobody can tell apart. */
  find(handle: string): LinkedImage | undefined {
    const image = this.#links.get(handle);
    return image !== undefined && image.expiresAt > this.#settings.now() ? image : undefined;
  }
}
