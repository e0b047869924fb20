import { randomUUID } from 'node:crypto';
import { startTestRedis, type TestStore } from '@event-tracker/testing';
import {
  connectRedis,
  createViewFreshness,
  createViewReader,
  createViews,
  type Redis,
  type ViewFreshness,
  type ViewReader,
  type Views,
} from '../../src/index.ts';
import { subjectKinds } from '../../src/redis/keys.ts';

export interface TestViews {
  store: TestStore;
  redis: Redis;
  views: Views;
  reader: ViewReader;
  freshness: ViewFreshness;
  /** Says that the views are whole and fresh, as a full merge does at its end. */
  declareFresh(): Promise<void>;
  close(): Promise<void>;
}

/** The views on an empty Redis of the test file's own. */
export async function openTestViews({ now = Date.now, membersMax = 1000 } = {}): Promise<TestViews> {
  const store = await startTestRedis({ appendfsync: 'everysec' });
  const redis = connectRedis({ url: store.url, name: 'test', mode: 'wait', onError: () => {} });
  const freshness = createViewFreshness(redis);
  return {
    store,
    redis,
    views: createViews({ redis, now, membersMax }),
    reader: createViewReader({ redis, now }),
    freshness,
    async declareFresh() {
      await (await freshness.beginFullMerge(subjectKinds, randomUUID())).declare();
      await freshness.renew();
    },
    async close() {
      redis.disconnect();
      await store.stop();
    },
  };
}
