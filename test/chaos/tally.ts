/** What clients saw of the system while it ran; times in milliseconds. */
export function createTally(now: () => number) {
  const requests = new Map<string, { count: number; slowestMs: number }>();
  const unexpected = new Map<string, string>();
  let lastAcceptedAt = now();
  let longestSilenceMs = 0;

  return {
    /** @param answer a status, or what stood in its place */
    answered(answer: string, tookMs: number): void {
      const { count, slowestMs } = requests.get(answer) ?? { count: 0, slowestMs: 0 };
      requests.set(answer, { count: count + 1, slowestMs: Math.max(slowestMs, tookMs) });
    },
    /** No outage explains such an answer. The first one of a kind is kept. */
    wrong(what: string, detail: string): void {
      if (!unexpected.has(what)) unexpected.set(what, detail);
    },
    /** Events were accepted, or the load has ended. */
    endSilence(): void {
      longestSilenceMs = Math.max(longestSilenceMs, now() - lastAcceptedAt);
      lastAcceptedAt = now();
    },
    requests,
    unexpected,
    /** The longest time without a 202 to anybody. */
    longestSilenceMs: () => longestSilenceMs,
  };
}

export type Tally = ReturnType<typeof createTally>;
