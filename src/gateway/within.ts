/**
 * Does something with a signal that ends with another, or after so many milliseconds. Neither timer nor listener outlives
 * the work: what `AbortSignal.any` and `AbortSignal.timeout` keep of each request is let go of much later, or never.
 */
export async function within<Result>(
  outer: AbortSignal,
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const bounds = new AbortController();
  const leave = (): void => bounds.abort(outer.reason);
  const timer = setTimeout(() => bounds.abort(new DOMException('out of time', 'TimeoutError')), milliseconds);
  if (outer.aborted) leave();
  else outer.addEventListener('abort', leave, { once: true });
  try {
    return await work(bounds.signal);
  } finally {
    clearTimeout(timer);
    outer.removeEventListener('abort', leave);
  }
}
