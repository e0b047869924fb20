import type { z } from 'zod';
import { storeUrl } from './store-url.ts';

const redisUrl = storeUrl(['redis', 'rediss']).optional();

/** Where Redis is. `REDIS_URL` serves what the other two do not name. */
export const redisVariables = {
  REDIS_URL: redisUrl,
  QUEUE_REDIS_URL: redisUrl,
  VIEWS_REDIS_URL: redisUrl,
};

type RedisConfig = { [Name in keyof typeof redisVariables]?: string | undefined };

export interface RedisUrls {
  /** Of the fast lane and the quarantine. What it holds is not disposable. */
  lane: string;
  /** Of the views, the caches and the workers' heartbeats. What it holds can be made anew. */
  views: string;
  /** Whether the two are apart. */
  apart: boolean;
}

const missing =
  'is not set, and no `npm start` runs in this checkout whose store could be used. Set REDIS_URL (or QUEUE_REDIS_URL and VIEWS_REDIS_URL), or start it first';

/** A process needs a Redis for each; it may be the same. For the schema of a process: whatever else is wrong, this is named. */
export function withRedis<Schema extends z.ZodObject>(schema: Schema): Schema {
  return schema.superRefine(
    (value, context) => {
      const config = value as RedisConfig;
      if (config.REDIS_URL || (config.QUEUE_REDIS_URL && config.VIEWS_REDIS_URL)) return;
      // One that is given and wrong was named already.
      if (context.issues.some(({ path }) => path?.[0] === 'REDIS_URL')) return;
      context.addIssue({ code: 'custom', path: ['REDIS_URL'], message: missing });
    },
    { when: () => true },
  );
}

/** @param config of a schema that was made by `withRedis` */
export function redisUrls(config: RedisConfig): RedisUrls {
  const lane = config.QUEUE_REDIS_URL ?? config.REDIS_URL;
  const views = config.VIEWS_REDIS_URL ?? config.REDIS_URL;
  if (lane === undefined || views === undefined) throw new Error('this configuration names no Redis');
  return { lane, views, apart: lane !== views };
}
