import type { SubjectCount } from '@event-tracker/domain';
import type { BucketKey, CountKey } from '../postgres/single-counts.ts';
import type { Redis } from './connection.ts';
import { subjectKinds, viewKeys } from './keys.ts';

/** Looks at single counts of the views, whether or not they are fresh. */
export interface ViewSampler {
  /** Of each bucket the highest counts and some others, `each` of both at most. */
  someCountsOf(buckets: readonly BucketKey[], each: number): Promise<SubjectCount[]>;
  /** 0 where there is none; undefined where that says nothing, since the bucket was cut to its cap. */
  countsOf(keys: readonly CountKey[]): Promise<(number | undefined)[]>;
}

export function createViewSampler(redis: Redis): ViewSampler {
  return {
    async someCountsOf(buckets, each) {
      const samples = await Promise.all(
        buckets.map(async (bucket) => {
          const key = viewKeys.counts(bucket.eventType, bucket.grain, bucket.bucket);
          const [highest, others] = await Promise.all([
            redis.zrevrange(key, 0, each - 1, 'WITHSCORES'),
            redis.zrandmember(key, each, 'WITHSCORES'),
          ]);
          const counts = new Map<string, number>();
          for (const members of [highest, others as string[]]) {
            for (let at = 0; at < members.length; at += 2) counts.set(members[at]!, Number(members[at + 1]));
          }
          return [...counts].map(([subject, count]) => ({ ...bucket, subject, count }));
        }),
      );
      return samples.flat();
    },
    async countsOf(keys) {
      const trimmed = new Set<string>();
      for (const kind of subjectKinds) {
        for (const key of await redis.zrange(viewKeys.trimmed(kind), 0, '-1')) trimmed.add(key);
      }
      return Promise.all(
        keys.map(async ({ eventType, grain, bucket, subject }) => {
          const key = viewKeys.counts(eventType, grain, bucket);
          const score = await redis.zscore(key, subject);
          if (score === null && trimmed.has(key)) return undefined;
          return Number(score ?? 0);
        }),
      );
    },
  };
}
