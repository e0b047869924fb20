import { createHash } from 'node:crypto';
import { asAdmin, poll, runProgram, type TestProcess } from '@event-tracker/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { click, expectStatus, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

interface Board {
  queues: { name: string; readOnlyMode: boolean; jobs: { id: string; name: string; data: object }[] }[];
}

let tracker: Tracker;
let worker: TestProcess;

beforeAll(async () => {
  tracker = await startTracker();
});

afterAll(() => tracker.stop());

const jobs = async (status: string, url = tracker.url) => {
  const query = `activeQueue=events&status=${status}&page=1&jobsPerPage=10`;
  const board = await expectStatus<Board>(
    fetch(`${url}/admin/queues/api/queues?${query}`, { headers: asAdmin }),
    200,
  );
  return board.queues.find((queue) => queue.name === 'events')!;
};

test('the page is there, with the files that it asks for', async () => {
  const response = await fetch(`${tracker.url}/admin/queues`, { headers: asAdmin });
  expect(response.headers.get('content-type')).toMatch(/^text\/html\b/);
  const page = await response.text();
  expect(page).toContain('Event Tracker');
  const files = [...page.matchAll(/(?:src|href)="(\/?[^":]+\.(?:js|css))"/g)].map((match) => match[1]!);
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) {
    const answer = await fetch(new URL(file, `${tracker.url}/admin/queues/`), { headers: asAdmin });
    await answer.text();
    expect([file, answer.status]).toEqual([file, 200]);
  }
});

test('a job says what is inside, while it waits and when it is done', async () => {
  const like = { eventType: 'LIKE', userId: 1, sessionId: 's', metadata: { componentId: 1003, postId: 1 } };
  await expectStatus(post(`${tracker.url}/api/events/batch`, [click(), like, click()]), 202);
  expect((await jobs('waiting')).jobs.map((job) => job.name)).toEqual(['3 events: 2 CLICK, 1 LIKE']);
  worker = await tracker.addWorker();
  const done = await poll(async () => {
    const queue = await jobs('completed');
    return queue.jobs.length > 0 ? queue.jobs : undefined;
  });
  expect(done.map((job) => job.name)).toEqual(['3 events: 2 CLICK, 1 LIKE']);
});

const change = (path: string, { url = tracker.url, ...init }: RequestInit & { url?: string } = {}) =>
  fetch(`${url}/admin/queues/api/queues${path}`, { method: 'PUT', headers: asAdmin, ...init });
const statusOf = async (answering: Promise<Response>) => {
  const answer = await answering;
  await answer.text();
  return answer.status;
};
const ledger = () => expectStatus(fetch(`${tracker.url}/admin/ledger`, { headers: asAdmin }), 200);

test('what would take events away is refused, and says what to do instead', async () => {
  const { id } = (await jobs('completed')).jobs[0]!;
  const refused: [string, RequestInit?][] = [
    ['/events/obliterate'],
    ['/events/empty'],
    ['/events/clean/completed'],
    ['/events/concurrency'],
    [`/events/${id}/update-data`, { method: 'PATCH' }],
    ['/events/add', { method: 'POST' }],
  ];
  for (const [path, init] of refused) {
    const headers = { ...asAdmin, 'content-type': 'application/json' };
    const body = await expectStatus(change(path, { ...init, headers, body: '{}' }), 403);
    expect([path, body.message]).toEqual([path, expect.stringContaining('go to the dead letters')]);
  }
  expect((await jobs('completed')).jobs).toHaveLength(1);
});

describe('while nobody takes batches', () => {
  beforeAll(() => worker.stop());

  test('the events of a job that is removed are dead letters, can be replayed, and the books stay balanced', async () => {
    const before = await ledger();
    await expectStatus(post(`${tracker.url}/api/events/batch`, [click(), click()]), 202);
    const { id } = (await jobs('waiting')).jobs[0]!;
    expect(await statusOf(change(`/events/${id}/clean`))).toBe(204);
    expect(await statusOf(change(`/events/${id}/clean`))).toBe(404);
    expect((await jobs('waiting')).jobs).toEqual([]);
    // Entered by whoever adds up: there is no worker that would.
    expect(await ledger()).toEqual({ ...before, received: Number(before.received) + 2, inFlight: 2 });
    const env = { DATABASE_URL: tracker.databaseUrl, REDIS_URL: tracker.redis.url };
    expect((await runProgram('apps/worker/src/fold.ts', env)).code).toBe(0);
    expect(await ledger()).toEqual({
      ...before,
      received: Number(before.received) + 2,
      dead: Number(before.dead) + 2,
      missing: 0,
      balanced: true,
    });
    const { deadLetters } = await expectStatus<{ deadLetters: { id: number; code: string }[] }>(
      fetch(`${tracker.url}/admin/dead-letters?reason=removed`, { headers: asAdmin }),
      200,
    );
    expect(deadLetters).toEqual([expect.objectContaining({ code: 'removed' })]);
    const replay = post(`${tracker.url}/admin/dead-letters/replay`, { ids: [deadLetters[0]!.id] }, asAdmin);
    expect(await expectStatus(replay, 200)).toEqual({ matched: 1, replayed: 1 });
  });

  test('the lanes and the quarantine are told, and the quarantine is on the board', async () => {
    await expectStatus(post(`${tracker.url}/api/events/batch`, [click(), click(), click()]), 202);
    const { lanes } = await expectStatus<{ lanes: object[] }>(
      fetch(`${tracker.url}/admin/lanes`, { headers: asAdmin }),
      200,
    );
    const young = expect.any(Number);
    expect(lanes).toEqual([
      { name: 'fast', waiting: 3, oldestSeconds: young, batches: { waiting: 1, held: 0, failed: 0 } },
      { name: 'durable', waiting: 2, oldestSeconds: young, batches: { waiting: 1, held: 0, failed: 0 } },
      { name: 'quarantine', waiting: 0, oldestSeconds: 0, batches: { waiting: 0, held: 0, failed: 0 } },
      { name: 'fold', waiting: 0, oldestSeconds: 0, batches: null },
    ]);
    const board = await expectStatus<Board>(
      fetch(`${tracker.url}/admin/queues/api/queues`, { headers: asAdmin }),
      200,
    );
    expect(board.queues.map((queue) => queue.name)).toEqual(['events', 'quarantine']);
  });

  test('a change from a foreign page is refused; one is told with its token, and never with the token itself', async () => {
    const api = await tracker.addApi({ ADMIN_TOKENS: 'first-token,second-token' });
    const { url } = api;
    const authorization = 'Bearer second-token';
    const own = new URL(url).origin;
    const from = (headers: Record<string, string>) =>
      statusOf(change('/events/promote', { url, headers: { authorization, ...headers } }));
    expect(await from({ origin: 'https://evil.example' })).toBe(403);
    expect(await from({ 'sec-fetch-site': 'cross-site', origin: own })).toBe(403);
    expect(await statusOf(change('/events/promote', { url, headers: { origin: own } }))).toBe(401);
    expect(await from({ origin: own })).toBe(200);
    const fingerprint = createHash('sha256').update('second-token').digest('hex').slice(0, 8);
    const told = await poll(() => {
      const lines = api.output().split('\n');
      const found = lines.filter((line) => line.includes('an admin made a change'));
      return found.length > 0 ? found : undefined;
    });
    expect(told.map((line) => JSON.parse(line).change)).toEqual([
      {
        by: `token ${fingerprint}`,
        method: 'PUT',
        path: '/admin/queues/api/queues/events/promote',
        status: 200,
      },
    ]);
    expect(api.output()).not.toContain('second-token');
  });

  test('a board that is read-only and redacted changes nothing and shows no event', async () => {
    const api = await tracker.addApi({ QUEUE_BOARD_READ_ONLY: 'true', QUEUE_BOARD_REDACTED: 'true' });
    const { url } = api;
    const queue = await jobs('waiting', url);
    expect(queue.readOnlyMode).toBe(true);
    const [job] = queue.jobs;
    expect(job).toMatchObject({
      name: '3 events: 3 CLICK',
      data: { version: 1, count: 3, events: '(redacted)' },
    });
    expect(JSON.stringify(queue)).not.toContain('a session');
    for (const path of [`/events/${job!.id}/clean`, '/events/pause', '/pause', '/events/obliterate'])
      expect([path, await statusOf(change(path, { url }))]).toEqual([path, 405]);
    expect((await jobs('waiting', url)).jobs).toHaveLength(1);
  });
});
