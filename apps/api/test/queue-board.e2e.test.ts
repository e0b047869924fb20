import { poll } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { click, expectStatus, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

interface Board {
  queues: { name: string; readOnlyMode: boolean; jobs: { id: string; name: string }[] }[];
}

let tracker: Tracker;

beforeAll(async () => {
  tracker = await startTracker();
});

afterAll(() => tracker.stop());

const jobs = async (status: string) => {
  const query = `activeQueue=events&status=${status}&page=1&jobsPerPage=10`;
  const board = await expectStatus<Board>(fetch(`${tracker.url}/admin/queues/api/queues?${query}`), 200);
  return board.queues.find((queue) => queue.name === 'events')!;
};

test('the page is there, with the files that it asks for', async () => {
  const response = await fetch(`${tracker.url}/admin/queues`);
  expect(response.headers.get('content-type')).toMatch(/^text\/html\b/);
  const page = await response.text();
  expect(page).toContain('Event Tracker');
  const files = [...page.matchAll(/(?:src|href)="(\/?[^":]+\.(?:js|css))"/g)].map((match) => match[1]!);
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) {
    const answer = await fetch(new URL(file, `${tracker.url}/admin/queues/`));
    await answer.text();
    expect([file, answer.status]).toEqual([file, 200]);
  }
});

test('a job says what is inside, while it waits and when it is done', async () => {
  const like = { eventType: 'LIKE', userId: 1, sessionId: 's', metadata: { componentId: 1003, postId: 1 } };
  await expectStatus(post(`${tracker.url}/api/events/batch`, [click(), like, click()]), 202);
  expect((await jobs('waiting')).jobs.map((job) => job.name)).toEqual(['3 events: 2 CLICK, 1 LIKE']);
  await tracker.addWorker();
  const done = await poll(async () => {
    const queue = await jobs('completed');
    return queue.jobs.length > 0 ? queue.jobs : undefined;
  });
  expect(done.map((job) => job.name)).toEqual(['3 events: 2 CLICK, 1 LIKE']);
});

test('the board changes nothing', async () => {
  const queue = await jobs('completed');
  expect(queue.readOnlyMode).toBe(true);
  const response = await fetch(`${tracker.url}/admin/queues/api/queues/events/${queue.jobs[0]!.id}/clean`, {
    method: 'PUT',
  });
  await response.text();
  expect(response.status).toBe(405);
  expect((await jobs('completed')).jobs).toHaveLength(1);
});
