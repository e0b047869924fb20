import { z } from 'zod';

/** The characters of a date and time at most: more of them are only digits of a fraction. */
const charactersMax = 100;

// To the second or finer, or to the minute, as java.time prints a whole one.
const pattern =
  /^(\d{4})-(\d\d)-(\d\d)[Tt]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d|60)(?:\.(\d+))?)?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/;

const minuteMs = 60_000;

/**
 * Reads a date and time of RFC 3339, with an offset: milliseconds since the epoch, a finer fraction cut off; undefined when
 * it is none. Second 60, a leap second, is the first of the next minute.
 */
export function readMoment(text: string): number | undefined {
  const parts = text.length > charactersMax ? null : pattern.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second = '0', fraction = '', sign, offsetHour, offsetMinute] =
    parts as unknown as string[];
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  // A day that its month does not have is one of the next.
  if (date.getUTCMonth() !== Number(month) - 1) return undefined;
  const offset =
    sign === undefined ? 0 : Number(`${sign}1`) * (Number(offsetHour) * 60 + Number(offsetMinute));
  const minutes = Number(hour) * 60 + Number(minute) - offset;
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, '0'));
  return date.getTime() + minutes * minuteMs + Number(second) * 1000 + milliseconds;
}

export const momentMessage = 'must be an ISO 8601 date and time with an offset';

/** A date and time that `readMoment` reads, as text. */
export const moment = z
  .string(momentMessage)
  .refine((text) => readMoment(text) !== undefined, momentMessage)
  .meta({ format: 'date-time', maxLength: charactersMax });
