import { bucketStart, grains } from '@event-tracker/domain';

/**
 * A noon that lies ahead by 12 to 36 hours: there are partitions for the day before and after it, and no view that a
 * test makes around it expires while the test runs. Redis and PostgreSQL have clocks of their own.
 */
export const noon = bucketStart(Date.now(), 'day') + 36 * grains.hour;

/** A clock that stands where a test puts it. */
export function clockAt(at: number): { at: number; now: () => number } {
  const clock = { at, now: () => clock.at };
  return clock;
}
