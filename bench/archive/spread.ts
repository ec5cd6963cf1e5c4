/** The median and the 95th percentile of samples (nearest rank), and how many there are. */
export interface Spread {
  readonly p50: number;
  readonly p95: number;
  readonly samples: number;
}

/** The spread of samples; all zero where there are none. */
export function spreadOf(samples: readonly number[]): Spread {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { p50: at(0.5), p95: at(0.95), samples: samples.length };
}
