import { expect, test } from '@jest/globals';
import { loadConfig } from '../src/config.ts';

const hour = 3_600_000;
const stores = { DATABASE_URL: 'postgres://127.0.0.1/none', REDIS_URL: 'redis://127.0.0.1' };
const load = (env: Record<string, string> = {}) => loadConfig({ ...stores, ...env }).lifetimes;

test('by default an outage of 72 hours is survived, and the rest follows from it', () => {
  expect(load()).toEqual({
    batchAgeMaxMs: 72 * hour,
    eventKeyMs: 120 * hour,
    batchMs: 144 * hour,
    retention: {
      eventMs: 33 * 24 * hour,
      minuteCountMs: 33 * 24 * hour,
      hourCountMs: 400 * 24 * hour,
      dayCountMs: undefined,
    },
  });
});

test.each([1, 5, 24, 100, 720, 8760])('an outage of %d hours alone makes lives in order', (hours) => {
  const { batchAgeMaxMs, eventKeyMs, batchMs, retention } = load({ OUTAGE_HOURS_MAX: `${hours}` });
  expect(batchAgeMaxMs).toBe(hours * hour);
  expect(eventKeyMs).toBeGreaterThanOrEqual(batchAgeMaxMs + 48 * hour);
  expect(batchMs).toBeGreaterThan(eventKeyMs);
  expect(retention.eventMs).toBeGreaterThan(batchMs);
  expect(retention.eventMs).toBeGreaterThanOrEqual(30 * 24 * hour + batchAgeMaxMs);
});

test('the least that is allowed is allowed', () => {
  const least = { OUTAGE_HOURS_MAX: '24', EVENT_KEY_HOURS: '72', BATCH_HOURS: '73', RETENTION_DAYS: '31' };
  expect(load(least)).toMatchObject({ eventKeyMs: 72 * hour, retention: { eventMs: 31 * 24 * hour } });
});

test.each([
  ['EVENT_KEY_HOURS', { EVENT_KEY_HOURS: '119' }, 'at least 120: OUTAGE_HOURS_MAX \\(72\\) and 48 more'],
  ['BATCH_HOURS', { BATCH_HOURS: '120' }, 'more than EVENT_KEY_HOURS \\(120\\)'],
  ['RETENTION_DAYS', { RETENTION_DAYS: '32' }, 'at least 33: longer than BATCH_HOURS \\(144\\)'],
  ['RETENTION_DAYS', { BATCH_HOURS: '1000', RETENTION_DAYS: '40' }, 'at least 42'],
  [
    'MINUTE_COUNT_DAYS',
    { RETENTION_DAYS: '50', MINUTE_COUNT_DAYS: '49' },
    'at least RETENTION_DAYS \\(50\\)',
  ],
  [
    'HOUR_COUNT_DAYS',
    { MINUTE_COUNT_DAYS: '90', HOUR_COUNT_DAYS: '89' },
    'at least MINUTE_COUNT_DAYS \\(90\\)',
  ],
  ['DAY_COUNT_DAYS', { DAY_COUNT_DAYS: '399' }, 'at least HOUR_COUNT_DAYS \\(400\\)'],
  ['OUTAGE_HOURS_MAX', { OUTAGE_HOURS_MAX: '0' }, 'must be a whole number from 1'],
])('a %s that breaks the order is refused by name', (variable, env, why) => {
  expect(() => load(env)).toThrow(new RegExp(`^Invalid configuration:\\n  ${variable}: .*${why}`));
});

test('each variable that breaks the order is named', () => {
  const env = { EVENT_KEY_HOURS: '10', BATCH_HOURS: '9', RETENTION_DAYS: '1' };
  expect(() => load(env)).toThrow(/EVENT_KEY_HOURS[\s\S]*BATCH_HOURS[\s\S]*RETENTION_DAYS: must/);
});
