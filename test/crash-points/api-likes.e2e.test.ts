import { until } from '@event-tracker/testing';
import { afterAll, test } from '@jest/globals';
import type { CrashPoint } from './support/crash-point.ts';
import { createStages, untilDead } from './support/stage.ts';
import { foldPoints } from './support/worker-dies.ts';

const stages = createStages();
afterAll(() => stages.close());

const limitMs = 240_000;
const users = [1, 2, 3];

const commit = '^pg commit after add-to-like-counts';
const enqueue = '^pg with ins as \\( insert into pgboss';

const points: (CrashPoint & { title: string })[] = [
  { title: 'when it has made a placeholder', when: 'after', step: '^pg insert-like-placeholders$' },
  { title: 'when it has locked the state', when: 'after', step: '^pg lock-like-states$' },
  { title: 'when it has set the state', when: 'after', step: '^pg update-like-states$' },
  { title: 'when the event is on its way', when: 'sent', step: enqueue },
  { title: 'when the event is on the lane', when: 'after', step: enqueue },
  { title: 'before it commits', when: 'before', step: commit },
  { title: 'when the commit is on its way', when: 'sent', step: commit },
  { title: 'when it has committed, before it answers', when: 'after', step: commit },
];

test.concurrent.each(points)(
  'an API that dies over a like $title neither loses nor invents a statistic',
  async (point) => {
    const stage = await stages.open();
    try {
      const api = await stage.startApi({ crashAt: point });
      await stage.startWorker();
      const liking = users.map((userId) => untilLiked(api.url, userId));
      await untilDead(api);
      const second = await stage.startApi({ port: new URL(api.url).port });
      await Promise.all(liking);
      await stage.expectLikes(second, users.length);
    } finally {
      await stage.close();
    }
  },
  limitMs,
);

test.concurrent.each(foldPoints)(
  'a worker that dies $title over likes by route neither loses nor invents a statistic',
  async (point) => {
    const stage = await stages.open();
    try {
      const api = await stage.startApi();
      const worker = await stage.startWorker({ crashAt: point });
      await Promise.all(users.map((userId) => untilLiked(api.url, userId)));
      await untilDead(worker);
      await stage.startWorker();
      await stage.expectLikes(api, users.length);
    } finally {
      await stage.close();
    }
  },
  limitMs,
);

/** Asks until it is told that the like stands: that may be asked twice. */
async function untilLiked(url: string, userId: number): Promise<void> {
  const like = async () =>
    (await fetch(`${url}/api/posts/7/likes/${userId}`, { method: 'PUT' }).catch(() => undefined))?.status ===
    200;
  await until(like, { limitMs, everyMs: 100 });
}
