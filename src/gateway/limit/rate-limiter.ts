import type { Subject } from '../identify.ts';

const REMEMBERED = 50_000;

/** Counts a viewer's requests; false for one too many. */
export type LimitRate = (viewer: Subject) => boolean;

/** A token bucket for each viewer, in memory: as many requests at once, and again over each minute, as the limit says. */
export function rateLimiter(limit: () => number, now: () => number): LimitRate {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return ({ subject, subjectKind }) => {
    const viewer = `${subjectKind} ${subject}`;
    const at = now();
    const requestsPerMinute = limit();
    const bucket = buckets.get(viewer) ?? { tokens: requestsPerMinute, at };
    const tokens = Math.min(requestsPerMinute, bucket.tokens + ((at - bucket.at) / 60_000) * requestsPerMinute);
    buckets.delete(viewer);
    // The bucket that was used longest ago is the fullest.
    for (const oldest of buckets.keys()) {
      if (buckets.size < REMEMBERED) break;
      buckets.delete(oldest);
    }
    buckets.set(viewer, { tokens: Math.max(0, tokens - 1), at });
    return tokens >= 1;
  };
}
