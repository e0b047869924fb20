import type { Logger } from './logger.ts';

/** Tells an outage once: when it begins, with why, and when it is over. */
export interface OutageNote {
  away(cause: unknown): void;
  back(): void;
}

export function createOutageNote(log: Logger, what: string): OutageNote {
  let isAway = false;
  return {
    away(cause) {
      if (isAway) return log.debug({ err: cause }, `${what} is away still`);
      isAway = true;
      log.warn({ err: cause }, `${what} is away`);
    },
    back() {
      if (isAway) log.info(`${what} is back`);
      isAway = false;
    },
  };
}
