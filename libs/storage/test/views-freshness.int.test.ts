import { randomUUID } from 'node:crypto';
import { idSubject } from '@event-tracker/domain';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { subjectKinds } from '../src/redis/keys.ts';
import { clockAt, noon } from './support/clock.ts';
import { openTestViews, type TestViews } from './support/test-views.ts';

let shown: TestViews;

beforeAll(async () => {
  shown = await openTestViews({ now: clockAt(noon).now });
});
beforeEach(() => shown.redis.flushall());
afterAll(() => shown.close());

const behind = { status: 'behind' };

test('without a lease every reader says that the views are behind, though they hold counts', async () => {
  const count = {
    grain: 'minute',
    bucket: noon,
    eventType: 'CLICK',
    subject: idSubject(1),
    count: 4,
  } as const;
  await shown.views.merge([count], [{ userId: 1, keyword: 'cat', occurredAt: noon }]);
  expect(await shown.reader.count('CLICK', idSubject(1), '1h')).toEqual(behind);
  expect(await shown.reader.ranking('CLICK', '1h', 5)).toEqual(behind);
  expect(await shown.reader.recentKeywords(1)).toEqual(behind);
  expect(await shown.reader.count('CLICK', idSubject(1), '1h', 'complete')).toEqual(behind);
});

test('whole views without a lease answer whoever asks for no more than whole ones', async () => {
  const count = {
    grain: 'minute',
    bucket: noon,
    eventType: 'CLICK',
    subject: idSubject(1),
    count: 4,
  } as const;
  await shown.views.merge([count], [{ userId: 1, keyword: 'cat', occurredAt: noon }]);
  await shown.declareFresh();
  await Promise.all(subjectKinds.map((kind) => shown.redis.del(`view:{${kind}}:lease`)));
  expect(await shown.reader.count('CLICK', idSubject(1), '1h')).toEqual(behind);
  expect(await shown.reader.count('CLICK', idSubject(1), '1h', 'complete')).toEqual({
    status: 'fresh',
    value: 4,
  });
  expect(await shown.reader.ranking('CLICK', '1h', 5, 'complete')).toEqual({
    status: 'fresh',
    value: [{ subject: idSubject(1), count: 4 }],
  });
  expect(await shown.reader.recentKeywords(1, 'complete')).toEqual({ status: 'fresh', value: ['cat'] });
});

test('a lease lasts ten seconds, and is renewed only while the views are whole', async () => {
  expect((await shown.freshness.renew()).sort()).toEqual([...subjectKinds].sort());
  await shown.declareFresh();
  expect(await shown.freshness.renew()).toEqual([]);
  const life = await shown.redis.pttl('view:{keyword}:lease');
  expect(life).toBeGreaterThan(9000);
  expect(life).toBeLessThanOrEqual(10_000);

  await shown.redis.del('view:{keyword}:complete');

  expect(await shown.freshness.renew()).toEqual(['keyword']);
  expect(await shown.reader.recentKeywords(1)).toEqual(behind);
  expect(await shown.reader.ranking('CLICK', '1h', 5)).toEqual({ status: 'fresh', value: [] });
});

test('views that another run of Redis made are not whole, and lose their lease', async () => {
  await shown.declareFresh();
  await shown.redis.set('view:{post}:complete', 'another-run');
  expect(await shown.freshness.renew()).toEqual(['post']);
  expect(await shown.reader.ranking('LIKE', '1h', 5)).toEqual(behind);
});

test('a full merge during which the views were deleted, or made by another, does not declare them whole', async () => {
  const deleted = await shown.freshness.beginFullMerge(subjectKinds, randomUUID());
  await shown.redis.flushall();
  expect(await deleted.declare()).toBe(false);

  const overtaken = await shown.freshness.beginFullMerge(subjectKinds, randomUUID());
  await shown.freshness.beginFullMerge(subjectKinds, randomUUID());
  expect(await overtaken.declare()).toBe(false);
  expect(await shown.redis.keys('view:*:complete')).toEqual([]);
});

test('deleting the views leaves other keys alone', async () => {
  await shown.redis.set('{lane}:events:1', 'a job');
  await shown.declareFresh();
  await shown.views.merge([], [{ userId: 1, keyword: 'cat', occurredAt: noon }]);
  expect(await shown.freshness.deleteViews()).toBeGreaterThan(0);
  expect(await shown.redis.keys('*')).toEqual(['{lane}:events:1']);
});
