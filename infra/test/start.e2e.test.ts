import { once } from 'node:events';
import { chmodSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createTestDatabase, startApi, startBrowser, startTestRedis, until } from '@event-tracker/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { isRoot } from '../src/identity.ts';
import { createCheckout } from './support/checkout.ts';
import { type NpmStart, npmStart, processIds, untilGone } from './support/npm-start.ts';

type Child = keyof ReturnType<typeof processIds>;

describe('npm start', () => {
  let checkout: ReturnType<typeof createCheckout>;
  let starts: NpmStart[];

  beforeAll(() => {
    checkout = createCheckout();
  });

  beforeEach(() => {
    starts = [];
  });

  afterEach(async () => {
    for (const start of starts) await start.stop();
  });

  afterAll(() => checkout.remove());

  function start(env?: Record<string, string>): NpmStart {
    const started = npmStart(checkout.path, env);
    starts.push(started);
    return started;
  }

  test('prints where everything is once the API and the worker are ready', async () => {
    const system = start();
    const { apiUrl } = await system.untilReady();
    for (const page of ['/', '/docs', '/admin/queues'])
      expect(system.output()).toContain(`${apiUrl}${page}\n`);
    expect((await fetch(`${apiUrl}/readyz`)).status).toBe(200);
  });

  test('makes an admin token once, for its owner alone, and prints links that carry it', async () => {
    const first = start();
    const { apiUrl } = await first.untilReady();
    const file = join(checkout.path, '.data', 'admin-token');
    const token = readFileSync(file, 'utf8').trim();
    expect(token).toMatch(/^[\w-]{32}$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    for (const link of [`/#token=${token}\n`, `/#token=${token}&to=/admin/queues\n`])
      expect(first.output()).toContain(apiUrl + link);
    const status = async (authorization: string) =>
      (await fetch(`${apiUrl}/admin/ledger`, { headers: { authorization } })).status;
    expect([await status(`Bearer ${token}`), await status('Bearer another')]).toEqual([200, 401]);

    const [dashboard, board] = first.output().match(/http:\S+#token=\S+/g) as [string, string];
    const browser = await startBrowser();
    try {
      for (const [link, shown, url] of [
        [dashboard, '[data-book=stored]', `${apiUrl}/`],
        [board, 'a[href*="queue/events"]', `${apiUrl}/admin/queues`],
      ] as const) {
        const page = await (await browser.newContext()).newPage();
        await page.goto(link);
        await page.waitForSelector(shown);
        expect(page.url()).toBe(url);
      }
    } finally {
      await browser.close();
    }
    await first.stop();

    chmodSync(file, 0o644);
    const second = start();
    await second.untilReady();
    expect(second.output()).toContain(`#token=${token}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('tokens that are configured are used, and not printed', async () => {
    const system = start({ ADMIN_TOKENS: 'mine,also-mine' });
    const { apiUrl } = await system.untilReady();
    const answer = await fetch(`${apiUrl}/admin/ledger`, { headers: { authorization: 'Bearer also-mine' } });
    expect(answer.status).toBe(200);
    expect(system.output()).not.toMatch(/token=|mine/);
  });

  test('another API of the checkout takes its token, and one on a database of its own does not', async () => {
    await start().untilReady();
    const token = readFileSync(join(checkout.path, '.data', 'admin-token'), 'utf8').trim();
    const { databaseUrl, redisUrl } = JSON.parse(
      readFileSync(join(checkout.path, '.data', 'running.json'), 'utf8'),
    );
    const another = new URL(databaseUrl);
    another.pathname = '/another';
    for (const [env, status] of [
      [{}, 200],
      [{ DATABASE_URL: databaseUrl }, 200],
      [{ ADMIN_TOKENS: 'mine' }, 401],
      [{ DATABASE_URL: another.href, REDIS_URL: redisUrl }, 403],
    ] as const) {
      const api = await startApi({ ADMIN_TOKENS: '', ...env }, undefined, checkout.path);
      const headers = { authorization: `Bearer ${token}` };
      const answer = await fetch(`${api.url}/admin/lanes`, { headers });
      expect([env, answer.status]).toEqual([env, status]);
      await api.stop();
    }
  });

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'on %s to its process group the API ends, then the worker, Redis and PostgreSQL, and the exit code is 0',
    async (signal) => {
      const system = start();
      await system.untilReady();
      const pids = processIds(checkout.path);
      system.signalGroup(signal);
      system.signalGroup(signal);
      expect(await system.ended).toBe(0);
      await untilGone(pids);
      const ended = [...system.output().matchAll(/^Ending (.*)$/gm)].map(([, name]) => name);
      expect(ended).toEqual(['the API', 'the worker', 'Redis (views)', 'Redis', 'PostgreSQL']);
    },
  );

  test('a second start finds the data of the first', async () => {
    const first = start();
    const { apiUrl } = await first.untilReady();
    const metadata = { componentId: 1002 };
    const body = JSON.stringify({ eventType: 'CLICK', sessionId: 's', metadata });
    const answer = await fetch(`${apiUrl}/api/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(answer.status).toBe(202);
    await first.stop();

    const { apiUrl: again } = await start().untilReady();
    await until(async () => (await countClicks(again)) === 1, { what: 'the click of the first start' });
  });

  test('a second start beside it refuses and names the first', async () => {
    const { pid, apiUrl } = await start().untilReady();
    const second = start();
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain(`process ${pid}, ${apiUrl}`);
    expect((await fetch(`${apiUrl}/readyz`)).status).toBe(200);
  });

  test.each([
    ['worker', 'The worker'],
    ['postgres', 'PostgreSQL'],
    ['viewsRedis', 'Redis (views)'],
  ] as [Child, string][])(
    'when its %s is killed, everything ends with a message that names it',
    async (child, name) => {
      const system = start();
      await system.untilReady();
      const pids = processIds(checkout.path);
      process.kill(pids[child], 'SIGKILL');
      expect(await system.ended).toBe(1);
      expect(system.output()).toContain(`${name} (process ${pids[child]}) was ended by SIGKILL`);
      await untilGone(pids);
    },
  );

  test('when it is killed itself, what it started ends all the same, and it can start again', async () => {
    const system = start();
    const { pid } = await system.untilReady();
    const pids = processIds(checkout.path);
    process.kill(pid, 'SIGKILL');
    await system.ended;
    await untilGone(pids);
    await start().untilReady();
  });

  test.each(['PORT', 'WORKER_PORT'])('a taken %s is named, with what to do about it', async (variable) => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    try {
      const system = start({ [variable]: String(port) });
      expect(await system.ended).toBe(1);
      expect(system.output()).toContain(`Port ${port} on 127.0.0.1 is taken (${variable})`);
      expect(system.output()).toContain(`${variable}=`);
    } finally {
      taken.close();
    }
  });

  test('each wrong variable is named', async () => {
    const system = start({ PORT: 'eighty', DATABASE_URL: 'mysql://localhost' });
    expect(await system.ended).toBe(1);
    expect(system.output()).toMatch(/PORT: must be a whole number.*\n.*DATABASE_URL: must be a URL/);
  });

  test('those of the API and of the worker are named with them, each once, before a store is started', async () => {
    const system = start({ WORKER_PORT: '-1', LOG_LEVEL: 'loud', RATE_LIMIT: 'abc', BATCH_HOURS: '1' });
    expect(await system.ended).toBe(1);
    const named = [...system.output().matchAll(/^ {2}([A-Z_]+): must be /gm)].map(([, name]) => name);
    expect(named).toEqual(['WORKER_PORT', 'LOG_LEVEL', 'RATE_LIMIT', 'BATCH_HOURS']);
    expect(system.output()).not.toMatch(/PostgreSQL|Redis/);
  });

  test('with DATABASE_URL and REDIS_URL it starts no stores', async () => {
    const database = await createTestDatabase();
    const redis = await startTestRedis();
    try {
      const system = start({ DATABASE_URL: database.url, REDIS_URL: redis.url });
      expect(await system.untilReady()).toMatchObject({ databaseUrl: database.url, redisUrl: redis.url });
      expect(system.output()).not.toMatch(/PostgreSQL|Redis/);
      await system.stop();
    } finally {
      await database.drop();
      await redis.stop();
    }
  });
});

// Only root has to give way to PostgreSQL's user.
if (isRoot()) {
  test('as root in a folder that only root may enter, the data is where PostgreSQL can enter', async () => {
    const checkout = createCheckout(0o700);
    const system = npmStart(checkout.path);
    try {
      await system.untilReady();
      const away = /its data is in (\S+);/.exec(system.output())?.[1] ?? '';
      expect(readFileSync(join(away, 'cluster', 'PG_VERSION'), 'utf8')).toMatch(/^\d+/);
      await system.stop();

      const again = npmStart(checkout.path);
      try {
        await again.untilReady();
      } finally {
        await again.stop();
      }
      expect(again.output()).not.toContain('its data is in');
      rmSync(join(away, '..'), { recursive: true });
    } finally {
      await system.stop();
      checkout.remove();
    }
  });
}

async function countClicks(apiUrl: string): Promise<number> {
  const answer = await fetch(`${apiUrl}/api/statistics?eventType=CLICK&componentId=1002`);
  return ((await answer.json()) as { count: number }).count;
}
