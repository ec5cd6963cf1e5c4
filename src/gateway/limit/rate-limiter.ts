import { ListedError } from '../../protocol/errors.ts';

const REMEMBERED = 50_000;

/** Counts a viewer's requests; throws `RATE_LIMITED` for one too many. */
export type LimitRate = (viewer: string) => void;

/** A token bucket for each viewer, in memory: as many requests at once, and again over each minute, as the limit says. */
export function rateLimiter(requestsPerMinute: number, now: () => number): LimitRate {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return (viewer) => {
    const at = now();
    const bucket = buckets.get(viewer) ?? { tokens: requestsPerMinute, at };
    const tokens = Math.min(requestsPerMinute, bucket.tokens + ((at - bucket.at) / 60_000) * requestsPerMinute);
    buckets.delete(viewer);
    // The bucket that was used longest ago is the fullest.
    for (const oldest of buckets.keys()) {
      if (buckets.size < REMEMBERED) break;
      buckets.delete(oldest);
    }
    buckets.set(viewer, { tokens: Math.max(0, tokens - 1), at });
    if (tokens < 1) throw new ListedError('RATE_LIMITED');
  };
}
