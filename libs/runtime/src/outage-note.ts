import type { Logger } from './logger.ts';

/** Tells an outage once: when it begins, with why, and when it is over. */
export interface OutageNote {
  away(cause: unknown): void;
  back(): void;
  /** What a check says; one that fails fails with why it is away, where that is known. */
  explain<T>(check: Promise<T>): Promise<T>;
}

export function createOutageNote(log: Logger, what: string): OutageNote {
  let isAway = false;
  let why: unknown;
  return {
    away(cause) {
      why = cause;
      if (isAway) return log.debug({ err: cause }, `${what} is away still`);
      isAway = true;
      log.warn({ err: cause }, `${what} is away`);
    },
    back() {
      if (isAway) log.info(`${what} is back`);
      isAway = false;
    },
    explain: (check) =>
      check.catch((failure) => {
        throw isAway ? why : failure;
      }),
  };
}
