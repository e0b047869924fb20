import type { SubjectCount } from '@event-tracker/domain';
import { expect, test } from '@jest/globals';
import { noteMergedHours } from '../src/merged-hours.ts';

const hour = 3_600_000;
const minuteOf = (at: number): SubjectCount => ({
  grain: 'minute',
  bucket: at,
  eventType: 'CLICK',
  subject: 'a',
  count: 1,
});

test('the hours of this period and of the one before it are told, those of earlier ones are not', async () => {
  const passed: unknown[] = [];
  const merged = noteMergedHours({ merge: async (...args) => void passed.push(args) });
  await merged.views.merge([minuteOf(5 * hour + 60_000), minuteOf(5 * hour)], []);
  await merged.views.merge([], [{ userId: 1, keyword: 'cat', occurredAt: 7 * hour + 1 }]);
  expect(passed).toHaveLength(2);
  expect(merged.lately()).toEqual([5 * hour, 7 * hour]);

  merged.next();
  await merged.views.merge([minuteOf(9 * hour)], []);
  expect(merged.lately()).toEqual([5 * hour, 7 * hour, 9 * hour]);
  merged.next();
  expect(merged.lately()).toEqual([9 * hour]);
  merged.forget();
  expect(merged.lately()).toEqual([]);
});

test('a merge that fails has been noted: it may have reached some', async () => {
  const merged = noteMergedHours({ merge: () => Promise.reject(new Error('away')) });
  await expect(merged.views.merge([minuteOf(0)], [])).rejects.toThrow('away');
  expect(merged.lately()).toEqual([0]);
});
