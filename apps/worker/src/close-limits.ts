/** How long the end of a worker may wait, in milliseconds; all of it within the 20 s of a process. */
export const closeLimits = {
  /** What is held is settled in this time, or comes back by itself to another worker. */
  drainMs: 14_000,
  /** What was appended is added up in this time, or by another worker. */
  foldMs: 3000,
  /** While a store hangs nothing more can be settled. */
  hangingDrainMs: 1500,
  /** A store that does not answer so soon hangs. */
  answerMs: 1000,
} as const;
