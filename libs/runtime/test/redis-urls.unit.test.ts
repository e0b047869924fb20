import {
  ConfigError,
  commonConfig,
  parseConfig,
  redisUrls,
  withRedis,
  withRunningStores,
} from '@event-tracker/runtime';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';

const schema = withRedis(z.object(commonConfig));
const DATABASE_URL = 'postgres://db/events';
const [one, lane, views] = ['redis://one', 'redis://lane', 'rediss://views'];

const urlsOf = (env: Record<string, string>) => redisUrls(parseConfig(schema, { DATABASE_URL, ...env }));

describe('REDIS_URL serves what the other two do not name', () => {
  test.each([
    [{ REDIS_URL: one }, { lane: one, views: one, apart: false }],
    [
      { REDIS_URL: one, QUEUE_REDIS_URL: lane },
      { lane, views: one, apart: true },
    ],
    [
      { REDIS_URL: one, VIEWS_REDIS_URL: views },
      { lane: one, views, apart: true },
    ],
    [
      { QUEUE_REDIS_URL: lane, VIEWS_REDIS_URL: views },
      { lane, views, apart: true },
    ],
    [
      { REDIS_URL: '', QUEUE_REDIS_URL: one, VIEWS_REDIS_URL: one },
      { lane: one, views: one, apart: false },
    ],
  ])('%j', (env, urls) => expect(urlsOf(env as Record<string, string>)).toEqual(urls));
});

describe('what is wrong is named once', () => {
  test.each([
    [{}, ['REDIS_URL: is not set']],
    [{ QUEUE_REDIS_URL: lane }, ['REDIS_URL: is not set']],
    [{ VIEWS_REDIS_URL: views }, ['REDIS_URL: is not set']],
    [{ REDIS_URL: 'http://a-secret' }, ['REDIS_URL: must be a URL that begins with redis:// or rediss://']],
    [{ REDIS_URL: '"redis://a-secret"' }, ['REDIS_URL: must be without the quotes']],
    [{ REDIS_URL: one, VIEWS_REDIS_URL: 'a-secret' }, ['VIEWS_REDIS_URL: must be a URL']],
    [
      { QUEUE_REDIS_URL: 'a-secret', LOG_LEVEL: 'loud' },
      ['QUEUE_REDIS_URL: must be a URL', 'LOG_LEVEL: must be one of', 'REDIS_URL: is not set'],
    ],
  ])('%j', (env, problems) => {
    let said: readonly string[] = [];
    try {
      parseConfig(schema, { DATABASE_URL, ...env } as Record<string, string>);
    } catch (cause) {
      said = (cause as ConfigError).problems;
      expect(cause).toBeInstanceOf(ConfigError);
    }
    expect(said).toEqual(problems.map((problem) => expect.stringContaining(problem)));
    expect(said.join()).not.toContain('a-secret');
  });
});

describe('beside a running npm start', () => {
  const running = { pid: 1, databaseUrl: DATABASE_URL, redisUrl: lane, apiUrl: 'http://localhost' };
  const urls = (env: Record<string, string>, stores = { ...running, viewsRedisUrl: views }) =>
    redisUrls(parseConfig(schema, withRunningStores(env, stores, undefined)));

  test('its two are used, and its one where it is of the release before', () => {
    expect(urls({})).toEqual({ lane, views, apart: true });
    expect(redisUrls(parseConfig(schema, withRunningStores({}, running, undefined)))).toEqual({
      lane,
      views: lane,
      apart: false,
    });
  });

  test('what the environment names wins, and a REDIS_URL there serves all that it does not name', () => {
    expect(urls({ VIEWS_REDIS_URL: one })).toEqual({ lane, views: one, apart: true });
    expect(urls({ QUEUE_REDIS_URL: one })).toEqual({ lane: one, views, apart: true });
    expect(urls({ REDIS_URL: one })).toEqual({ lane: one, views: one, apart: false });
  });
});
