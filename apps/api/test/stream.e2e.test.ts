import { until } from '@event-tracker/testing';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { frame } from '../src/http/stream-schemas.ts';
import { click, expectProblem, expectStatus, get, pathsOf, post } from './requests.ts';
import { openStream, type StreamReader, sumOf } from './stream-reader.ts';
import { startTracker, type Tracker } from './tracker.ts';

let tracker: Tracker;
const opened: StreamReader[] = [];

beforeAll(async () => {
  tracker = await startTracker({ env: { STREAM_READERS_MAX: '20' }, worker: true });
}, 180_000);

afterEach(async () => {
  for (const reader of opened.splice(0)) await reader.close();
});

afterAll(() => tracker.stop());

async function open(query = '', url = tracker.url): Promise<StreamReader> {
  const reader = await openStream(`${url}/api/stream${query}`);
  opened.push(reader);
  return reader;
}

const search = (keyword: string) => ({
  eventType: 'SEARCH',
  sessionId: 's',
  metadata: { componentId: 1001, keyword },
});
const like = (userId: number, postId: number) => ({
  eventType: 'LIKE',
  userId,
  sessionId: 's',
  metadata: { componentId: 1003, postId },
});

test('before the first event it says that there is none', async () => {
  const { frames } = await open();
  await until(() => frames.length > 0);
  expect(frames[0]).toMatchObject({ hasEvents: false, keywords: [], posts: [] });
});

test('one frame about every second, each with everything that it is to hold', async () => {
  const { frames, text } = await open();
  await until(() => frames.length >= 4);
  for (const one of frames) frame.parse(one);
  const times = frames.map(({ at }) => Date.parse(at));
  const gaps = times.slice(1).map((at, index) => at - times[index]!);
  // The mean: a machine that is busy may be late with one, and is then early with the next.
  expect(gaps.reduce((sum, gap) => sum + gap) / gaps.length).toBeGreaterThan(800);
  expect(gaps.reduce((sum, gap) => sum + gap) / gaps.length).toBeLessThan(1700);
  expect(text()).toMatch(/^retry: \d+\n\n/);
  expect(frames.at(-1)).toMatchObject({
    window: '1h',
    lanes: [{ name: 'fast' }, { name: 'durable' }, { name: 'fold' }],
    breakers: { fast: 'closed', durable: 'closed' },
    workers: 1,
  });
});

test('all events that two workers commit for two APIs are told, each once, and rankings equal those of the API', async () => {
  const [other] = await Promise.all([tracker.addApi(), tracker.addWorker()]);
  const [{ frames }, elsewhere] = await Promise.all([open(), open('?window=5m', other.url)]);
  await until(() => frames.at(-1)?.workers === 2);
  const before = { clicks: sumOf(frames, 'CLICK'), searches: sumOf(frames, 'SEARCH') };
  for (let at = 0; at < 40; at += 1) {
    await expectStatus(post(`${at % 2 === 0 ? tracker.url : other.url}/api/events`, click()), 202);
    await expectStatus(post(`${tracker.url}/api/events`, search(at % 4 === 0 ? '고양이' : 'tea')), 202);
  }
  await expectStatus(post(`${tracker.url}/api/events`, like(1, 7)), 202);

  await until(() => sumOf(frames, 'CLICK') - before.clicks === 40, { what: 'forty clicks' });
  await until(() => sumOf(frames, 'SEARCH') - before.searches === 40, { what: 'forty searches' });
  await until(() => frames.at(-1)?.posts.length === 1);
  const last = frames.at(-1)!;
  const keywords = await get(`${tracker.url}/api/statistics/keywords/top`, { limit: 10 });
  expect(last.keywords).toEqual(keywords.body.keywords);
  const posts = await get(`${tracker.url}/api/statistics/posts/top`, { limit: 10 });
  expect(last.posts).toEqual(posts.body.posts);
  expect(last.hasEvents).toBe(true);

  // Two frames later nothing was told twice.
  const seen = frames.length;
  await until(() => frames.length >= seen + 2);
  expect([sumOf(frames, 'CLICK') - before.clicks, sumOf(frames, 'LIKE')]).toEqual([40, 1]);
  await until(() => sumOf(elsewhere.frames, 'CLICK') === 40, { what: 'the clicks at the other API' });
  expect(elsewhere.frames.at(-1)?.window).toBe('5m');
}, 180_000);

test('a worker that ends is gone with the next frames; one that is stopped, within seconds', async () => {
  const { frames } = await open();
  await until(() => frames.length > 0);
  const standing = frames.at(-1)!.workers;
  const worker = await tracker.addWorker();
  await until(() => frames.at(-1)!.workers === standing + 1);
  worker.signal('SIGSTOP');
  await until(() => frames.at(-1)!.workers === standing, { limitMs: 8000 });
  worker.signal('SIGCONT');
  await until(() => frames.at(-1)!.workers === standing + 1);
  await worker.stop();
  const seen = frames.length;
  await until(() => frames.at(-1)!.workers === standing);
  expect(frames.length - seen).toBeLessThan(4);
}, 180_000);

test.each([
  ['?window=2h', ['window']],
  ['?window=1h&window=5m', ['window']],
  ['?windows=1h&limit=3', ['limit', 'windows']],
])('%s is a bad request', async (query, paths) => {
  const problem = await expectProblem(fetch(`${tracker.url}/api/stream${query}`), 400);
  expect(pathsOf(problem)).toEqual(paths);
});

test('for GET and HEAD alone', async () => {
  await expectProblem(fetch(`${tracker.url}/api/stream`, { method: 'POST' }), 405);
  const head = await fetch(`${tracker.url}/api/stream`, { method: 'HEAD' });
  expect(head.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(head.headers.get('cache-control')).toBe('no-store');
});

test('beyond STREAM_READERS_MAX a stream is refused, until another one ends', async () => {
  const readers = await Promise.all(Array.from({ length: 20 }, () => open()));
  const refused = await fetch(`${tracker.url}/api/stream`);
  expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
  await expectProblem(refused, 503);
  await readers[0]!.close();
  await until(() =>
    open().then(
      () => true,
      () => false,
    ),
  );
});

test('at SIGTERM every stream ends at once, while requests are answered still, and the API with 0', async () => {
  const api = await tracker.addApi({ DRAIN_DELAY_MS: '3000' });
  const reader = await open('', api.url);
  await until(() => reader.frames.length > 0);
  const toldAt = performance.now();
  api.signal('SIGTERM');
  await reader.ended;
  await expectStatus(fetch(`${api.url}/healthz`), 200);
  expect(await api.ended).toBe(0);
  expect(performance.now() - toldAt).toBeLessThan(8000);
});

test('with API_KEYS it needs one', async () => {
  const { url } = await tracker.addApi({ API_KEYS: 'secret', WRITE_KEYS: 'public' });
  await expectProblem(fetch(`${url}/api/stream`), 401);
  await expectProblem(fetch(`${url}/api/stream`, { headers: { authorization: 'Bearer public' } }), 401);
  const reader = await openStream(`${url}/api/stream`, { authorization: 'Bearer secret' });
  opened.push(reader);
  await until(() => reader.frames.length > 0);
});
