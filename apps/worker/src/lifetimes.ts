import { maximumBehindMs } from '@event-tracker/domain';
import { ConfigError } from '@event-tracker/runtime';
import type { RetentionLives } from '@event-tracker/storage';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** A year back by the hour, and some more, so that a month can be compared with the same one a year before. */
const hourCountDaysUsual = 400;
/** CONTRACT: an id that a client supplied counts once for at least so long. */
const clientIdHours = 48;
/** So long back may an event lie when it is received. */
const behindHours = maximumBehindMs / hourMs;

/** What is set; the rest follows from it. */
export interface LifetimeSettings {
  OUTAGE_HOURS_MAX: number;
  EVENT_KEY_HOURS?: number | undefined;
  BATCH_HOURS?: number | undefined;
  RETENTION_DAYS?: number | undefined;
  MINUTE_COUNT_DAYS?: number | undefined;
  HOUR_COUNT_DAYS?: number | undefined;
  DAY_COUNT_DAYS?: number | undefined;
}

/** How long things are kept, in milliseconds, each longer than the one before. */
export interface Lifetimes {
  /** The oldest batch that may still be committed: longer than the longest outage to survive. */
  batchAgeMaxMs: number;
  /** Keys of client-supplied ids: a repeat that was sent within 48 hours may lie on a lane for as long as a batch may. */
  eventKeyMs: number;
  /** Rows of committed batches, and of producers that are gone. */
  batchMs: number;
  /** Events, and their counts: an event may lie 30 days back when it is received. */
  retention: RetentionLives;
}

/** Fills in what is not set and checks the order. Throws ConfigError naming each variable that breaks it. */
export function readLifetimes(settings: LifetimeSettings): Lifetimes {
  const outageHours = settings.OUTAGE_HOURS_MAX;
  const eventKeyHours = settings.EVENT_KEY_HOURS ?? outageHours + clientIdHours;
  const batchHours = settings.BATCH_HOURS ?? eventKeyHours + 24;
  const retentionMinimum = Math.max(behindHours + outageHours, batchHours + 1);
  const retentionDays = settings.RETENTION_DAYS ?? Math.ceil(retentionMinimum / 24);
  const minuteCountDays = settings.MINUTE_COUNT_DAYS ?? retentionDays;
  const hourCountDays = settings.HOUR_COUNT_DAYS ?? Math.max(hourCountDaysUsual, minuteCountDays);
  const dayCountDays = settings.DAY_COUNT_DAYS;

  const wrong: string[] = [];
  if (eventKeyHours < outageHours + clientIdHours) {
    wrong.push(
      `EVENT_KEY_HOURS: must be at least ${outageHours + clientIdHours}: OUTAGE_HOURS_MAX (${outageHours}) and ${clientIdHours} more, for which a client's event id counts once`,
    );
  }
  if (batchHours <= eventKeyHours)
    wrong.push(`BATCH_HOURS: must be more than EVENT_KEY_HOURS (${eventKeyHours})`);
  if (retentionDays * 24 < retentionMinimum) {
    wrong.push(
      `RETENTION_DAYS: must be at least ${Math.ceil(retentionMinimum / 24)}: longer than BATCH_HOURS (${batchHours}), and OUTAGE_HOURS_MAX (${outageHours}) more than the ${behindHours / 24} days that events may lie back`,
    );
  }
  // Windows and time series of a coarser grain are to reach at least as far back as those of a finer one.
  if (minuteCountDays < retentionDays)
    wrong.push(`MINUTE_COUNT_DAYS: must be at least RETENTION_DAYS (${retentionDays})`);
  if (hourCountDays < minuteCountDays)
    wrong.push(`HOUR_COUNT_DAYS: must be at least MINUTE_COUNT_DAYS (${minuteCountDays})`);
  if (dayCountDays !== undefined && dayCountDays < hourCountDays)
    wrong.push(`DAY_COUNT_DAYS: must be at least HOUR_COUNT_DAYS (${hourCountDays})`);
  if (wrong.length > 0) throw new ConfigError(wrong);
  return {
    batchAgeMaxMs: outageHours * hourMs,
    eventKeyMs: eventKeyHours * hourMs,
    batchMs: batchHours * hourMs,
    retention: {
      eventMs: retentionDays * dayMs,
      minuteCountMs: minuteCountDays * dayMs,
      hourCountMs: hourCountDays * dayMs,
      dayCountMs: dayCountDays === undefined ? undefined : dayCountDays * dayMs,
    },
  };
}
