import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createTestFolder, poll, until } from '@event-tracker/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { createCheckout } from './support/checkout.ts';
import { type NpmStart, npmStart, processIds } from './support/npm-start.ts';
import { npmRun } from './support/run-command.ts';

const component = 1002;

describe('a backup of a running npm start, under traffic, restored elsewhere', () => {
  const here = createCheckout();
  const elsewhere = createCheckout();
  const folder = createTestFolder();
  /** Made while the worker commits, and while it is stopped, so that events wait on both lanes. */
  const live = join(folder.path, 'live');
  const backup = join(folder.path, 'backup');
  const starts: NpmStart[] = [];
  /** Ids of events, by when they were acknowledged. */
  const sent = { beforeLive: new Set<string>(), before: new Set<string>(), all: new Set<string>() };
  const tokenOf = (checkout: string) => join(checkout, '.data', 'admin-token');
  let adminToken: string;
  let system: Awaited<ReturnType<NpmStart['untilReady']>>;

  async function start(checkout: string) {
    const started = npmStart(checkout);
    starts.push(started);
    return { started, running: await started.untilReady() };
  }

  /** Sends one batch; its ids once they are acknowledged. */
  async function send(apiUrl: string, ids: readonly string[]): Promise<readonly string[]> {
    const response = await fetch(`${apiUrl}/api/events/batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(
        ids.map((eventId) => ({
          eventId,
          eventType: 'CLICK',
          sessionId: 's',
          metadata: { componentId: component },
        })),
      ),
    });
    const { accepted } = (await response.json()) as { accepted: number };
    return accepted === ids.length ? ids : [];
  }

  const newIds = () => Array.from({ length: 20 }, () => randomUUID());

  /** Sends without a pause, to be told when to end. */
  function keepSending(apiUrl: string): { end: () => Promise<void> } {
    let over = false;
    const line = async () => {
      while (!over) {
        for (const id of await send(apiUrl, newIds())) sent.all.add(id);
        await pause(5);
      }
    };
    const lines = Promise.all([line(), line()]);
    return {
      end: async () => {
        over = true;
        await lines;
      },
    };
  }

  const like = (apiUrl: string, userId: number) =>
    fetch(`${apiUrl}/api/posts/7/likes/${userId}`, { method: 'PUT' });

  beforeAll(async () => {
    const { started, running } = await start(here.path);
    const { apiUrl } = running;
    adminToken = readFileSync(tokenOf(here.path), 'utf8').trim();
    const traffic = keepSending(apiUrl);
    await until(() => sent.all.size > 2000, { what: 'some traffic' });
    for (const id of sent.all) sent.beforeLive.add(id);
    const first = await npmRun(here.path, ['backup', live]);
    expect([first.code, first.said]).toEqual([0, expect.stringContaining('Backed up to')]);
    // What is acknowledged from here on waits on the lanes: on Redis, and the likes in PostgreSQL.
    const { worker } = processIds(here.path);
    process.kill(worker, 'SIGSTOP');
    const waiting = sent.all.size;
    await until(() => sent.all.size > waiting + 1000, { what: 'events that wait' });
    for (const userId of [1, 2, 3]) expect((await like(apiUrl, userId)).status).toBe(200);
    for (const id of sent.all) sent.before.add(id);

    const made = await npmRun(here.path, ['backup', backup]);
    expect([made.code, made.said]).toEqual([0, expect.stringContaining('Backed up to')]);
    process.kill(worker, 'SIGCONT');
    const during = sent.all.size;
    await until(() => sent.all.size > during + 500, { what: 'events after the backup' });
    await traffic.end();
    expect(during).toBeGreaterThan(sent.before.size);

    const named = { DATABASE_URL: 'postgres://127.0.0.1:1/none' };
    const other = await npmRun(here.path, ['backup', join(folder.path, 'other')], named);
    expect([other.code, other.said]).toEqual([
      1,
      expect.stringContaining('DATABASE_URL names another store'),
    ]);
    const refused = await npmRun(here.path, ['restore', backup, '--force']);
    expect([refused.code, refused.said]).toEqual([
      1,
      expect.stringContaining('already runs in this checkout'),
    ]);
    await started.stop();

    const restored = await npmRun(elsewhere.path, ['restore', backup]);
    expect([restored.code, restored.said]).toEqual([0, expect.stringContaining('Restored the backup of')]);
    system = (await start(elsewhere.path)).running;
  }, 180_000);

  afterAll(async () => {
    for (const started of starts) await started.stop();
    here.remove();
    elsewhere.remove();
    folder.remove();
  });

  async function query<Row extends object>(sql: string, url = system.databaseUrl): Promise<Row[]> {
    const client = new pg.Client(url);
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  const ask = async (path: string) => {
    const response = await fetch(`${system.apiUrl}${path}`, {
      headers: { authorization: `Bearer ${adminToken}` },
    });
    return {
      body: (await response.json()) as Record<string, unknown>,
      from: response.headers.get('x-served-by'),
    };
  };

  const booksAtRest = () =>
    poll(
      async () => {
        const { body } = await ask('/admin/ledger');
        return body.inFlight === 0 ? body : undefined;
      },
      { what: 'books at rest' },
    );

  test('the books balance, and nothing is missing', async () => {
    expect(await booksAtRest()).toMatchObject({ missing: 0, dead: 0, balanced: true });
  });

  /** Those of `ids` that are not stored, with those that are stored twice or were never sent. */
  async function wrong(ids: ReadonlySet<string>, url?: string): Promise<string[]> {
    const rows = await query<{ event_id: string }>(
      `select event_id from event where component_id = ${component}`,
      url,
    );
    const stored = rows.map((row) => row.event_id);
    const once = new Set(stored);
    const repeated = stored.length === once.size ? [] : ['some twice'];
    return [
      ...repeated,
      ...[...ids].filter((id) => !once.has(id)),
      ...stored.filter((id) => !sent.all.has(id)),
    ];
  }

  test('every event that was acknowledged before the backup began is there once, and none that was not sent', async () => {
    expect(await wrong(sent.before)).toEqual([]);
  });

  test('views and likes agree with the rows, from Redis', async () => {
    const [row] = await query<{ count: string }>(
      `select count(*) from event where component_id = ${component}`,
    );
    const path = `/api/statistics?eventType=CLICK&componentId=${component}&window=1h`;
    const answer = await poll(
      async () => {
        const found = await ask(path);
        return found.from === 'redis' ? found : undefined;
      },
      { what: 'views that are fresh' },
    );
    expect(answer.body).toEqual({ count: Number(row!.count) });
    expect(await query('select user_id::int from post_like where post_id = 7 order by 1')).toEqual([
      { user_id: 1 },
      { user_id: 2 },
      { user_id: 3 },
    ]);
  });

  test('what was sent during the backup and after it can be sent again, and counts once', async () => {
    const ids = [...sent.all];
    for (let at = 0; at < ids.length; at += 500) await send(system.apiUrl, ids.slice(at, at + 500));
    await until(
      async () => {
        const [row] = await query<{ count: string }>(
          `select count(*) from event where component_id = ${component}`,
        );
        return Number(row!.count) === sent.all.size;
      },
      { what: 'all events' },
    );
    expect(await booksAtRest()).toMatchObject({ missing: 0, balanced: true });
  });

  test('the admin token is the one that was backed up', () => {
    expect(adminToken).not.toBe('');
    expect(readFileSync(tokenOf(elsewhere.path), 'utf8').trim()).toBe(adminToken);
  });

  describe('is refused', () => {
    const restore = (from: string, ...args: string[]) => npmRun(here.path, ['restore', from, ...args]);
    const cluster = join(here.path, '.data', 'postgres', 'cluster');

    test('over data, without --force', async () => {
      const { code, said } = await restore(backup);
      expect([code, said]).toEqual([1, expect.stringContaining('There is data already')]);
      expect(said).toContain('--force');
    });

    test.each([
      ['is longer', (file: string) => appendFileSync(file, 'x'), 'is not what was backed up'],
      ['is gone', (file: string) => rmSync(file), 'is missing'],
    ])('when one of its files %s, and the data stays', async (_, damage, said) => {
      const file = join(backup, 'postgres', 'cluster', 'PG_VERSION');
      const whole = readFileSync(file);
      damage(file);
      try {
        const answer = await restore(backup, '--force');
        expect([answer.code, answer.said]).toEqual([1, expect.stringContaining(`${file} ${said}`)]);
        expect(existsSync(join(cluster, 'PG_VERSION'))).toBe(true);
        expect(existsSync(`${cluster}.restored`)).toBe(false);
      } finally {
        writeFileSync(file, whole);
      }
    });

    test('when it was not finished', async () => {
      const manifest = join(backup, 'backup.json');
      renameSync(manifest, `${manifest}.away`);
      try {
        const { code, said } = await restore(backup, '--force');
        expect([code, said]).toEqual([1, expect.stringContaining('holds no whole backup')]);
      } finally {
        renameSync(`${manifest}.away`, manifest);
      }
    });

    test('while nothing runs there is nothing to back up, and a folder that is not empty is left alone', async () => {
      const { code, said } = await npmRun(here.path, ['backup', join(folder.path, 'other')]);
      expect([code, said]).toEqual([1, expect.stringContaining('No `npm start` runs')]);
      const taken = await npmRun(elsewhere.path, ['backup', backup]);
      expect([taken.code, taken.said]).toEqual([1, expect.stringContaining('is not empty')]);
      expect(existsSync(join(backup, 'backup.json'))).toBe(true);
    });
  });

  test('one that was made while a worker commits is as whole; over data, with --force or after an interrupted one, it is all there is', async () => {
    const restored = [0, expect.stringContaining('Restored the backup of')];
    const forced = await npmRun(here.path, ['restore', backup, '--force']);
    expect([forced.code, forced.said]).toEqual(restored);

    // As a restore leaves it that is killed while it exchanges the data.
    writeFileSync(join(here.path, '.data', 'restore-unfinished'), '2026-11-22T10:34:00.000Z\n');
    const refused = npmStart(here.path);
    expect(await refused.ended).toBe(1);
    expect(refused.output()).toMatch(/A restore \(2026-.*\) was interrupted.*run it again/);
    const again = await npmRun(here.path, ['restore', live]);
    expect([again.code, again.said]).toEqual(restored);

    const { started, running } = await start(here.path);
    const headers = { authorization: `Bearer ${adminToken}` };
    const books = await poll(async () => {
      const response = await fetch(`${running.apiUrl}/admin/ledger`, { headers });
      const body = (await response.json()) as Record<string, unknown>;
      return body.inFlight === 0 ? body : undefined;
    });
    expect(books).toMatchObject({ missing: 0, dead: 0, balanced: true });
    expect(await wrong(sent.beforeLive, running.databaseUrl)).toEqual([]);
    expect(books.stored).toBeLessThan(sent.all.size);
    await started.stop();
  }, 120_000);
});
