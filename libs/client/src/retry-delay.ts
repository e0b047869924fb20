/** Milliseconds. A server that says an hour or more is asked again after an hour. */
const firstMs = 250;
const maximumMs = 30_000;
const retryAfterMaximumMs = 3_600_000;

/**
 * How long to wait after so many failures in a row, 1 or more: doubling, half of it by chance so that clients that failed
 * together do not come back together, and never sooner than the server's Retry-After.
 */
export function retryDelay(failures: number, retryAfter: string | null, now: number, random: number): number {
  const ceiling = Math.min(maximumMs, firstMs * 2 ** (failures - 1));
  const asked = Math.min(retryAfterMaximumMs, readRetryAfter(retryAfter, now));
  return Math.max(ceiling * (0.5 + random / 2), asked + firstMs * random);
}

/** Seconds, or a date, as milliseconds from now; 0 when it says nothing. */
function readRetryAfter(text: string | null, now: number): number {
  if (!text) return 0;
  const seconds = Number(text);
  return Math.max(0, (seconds >= 0 ? seconds * 1000 : Date.parse(text) - now) || 0);
}
