import { statSync } from 'node:fs';
import { type JWTVerifyGetKey, errors } from 'jose';
import { ConfigurationError } from './read-configuration.ts';
import { readKeySet } from './read-keys.ts';

/** The clock, in milliseconds since 1970, and who is told when other keys are taken in, or a file is not. */
export interface Following {
  readonly now: () => number;
  readonly onTaken: (kids: readonly string[]) => void;
  readonly onRefused: (fault: string) => void;
}

const LOOK_EACH = 1_000;

/**
 * Pinned keys that follow their file, so that they rotate without a restart: a key added is trusted and a key taken out
 * is not, within a second. A file that cannot be used changes nothing. Throws `ConfigurationError` where the first cannot.
 */
export function followPinnedKeys(file: string, { now, onTaken, onRefused }: Following): JWTVerifyGetKey {
  let version = versionOf(file);
  let keys = readKeySet(file);
  let looked = now();
  const look = (): boolean => {
    looked = now();
    const current = versionOf(file);
    if (current === version) return false;
    version = current;
    try {
      keys = readKeySet(file);
      onTaken(keys.kids);
      return true;
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      onRefused(error.message);
      return false;
    }
  };
  return async (header, token) => {
    if (Math.abs(now() - looked) >= LOOK_EACH) look();
    try {
      return await keys.verify(header, token);
    } catch (error) {
      // Whoever signs with a new key does so as soon as it was added here.
      if (error instanceof errors.JWKSNoMatchingKey && look()) return keys.verify(header, token);
      throw error;
    }
  };
}

/** What differs whenever the file was written or replaced. */
function versionOf(file: string): string {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false });
  return found ? [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join() : '';
}
