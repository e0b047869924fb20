/** Bucket lengths in milliseconds. All buckets are UTC, so each is a whole number of the smaller ones. */
export const grains = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

export type Grain = keyof typeof grains;

/** The start of the bucket that holds `at`; both in milliseconds since the epoch. */
export function bucketStart(at: number, grain: Grain): number {
  const length = grains[grain];
  const into = at % length;
  // Before 1970 the remainder is negative.
  return into < 0 ? at - into - length : at - into;
}
