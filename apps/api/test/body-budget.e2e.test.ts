import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { until } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { click, expectProblem, expectStatus, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

const bodyMax = 100_000;
const inflatedMax = 400_000;
const budget = 600_000;

let tracker: Tracker;

beforeAll(async () => {
  const env = {
    BODY_BYTES_MAX: String(bodyMax),
    BODY_INFLATED_BYTES_MAX: String(inflatedMax),
    BODIES_BYTES_MAX: String(budget),
  };
  tracker = await startTracker({ env });
});

afterAll(() => tracker.stop());

const value = async (name: string) => {
  const metrics = await (await fetch(`${tracker.url}/metrics`)).text();
  return Number(new RegExp(`^event_tracker_${name} (\\S+)$`, 'm').exec(metrics)?.[1]);
};

/** A POST whose body is sent piece by piece. */
function beginUpload(path: string, length: number) {
  const headers = { 'content-type': 'application/json', 'content-length': length };
  const upload = request(`${tracker.url}${path}`, { method: 'POST', headers, agent: false });
  const answered = new Promise<Response>((resolve, reject) => {
    upload.on('error', reject);
    upload.on('response', (answer) => {
      const init = { status: answer.statusCode!, headers: answer.headers as Record<string, string> };
      text(answer).then((body) => resolve(new Response(body, init)), reject);
    });
  });
  return { upload, answered };
}

test('uploads that stand still and hold the budget are refused, and events are taken beside them', async () => {
  const uploads = Array.from({ length: 20 }, () => beginUpload('/api/events', bodyMax));
  const answers = uploads.map(({ answered }) => answered);
  const statuses: number[] = [];
  for (const answered of answers) void answered.then(({ status }) => statuses.push(status));
  for (const { upload } of uploads) upload.write(JSON.stringify(click()).padEnd(bodyMax - 1000));
  await until(() => statuses.length >= 14);
  expect(new Set(statuses)).toEqual(new Set([503]));
  expect(await value('bodies_bytes')).toBeLessThanOrEqual(budget);
  expect(await value('bodies_refused_total')).toBe(statuses.length);
  for (let event = 0; event < 10; event += 1)
    await expectStatus(post(`${tracker.url}/api/events`, click()), 202);

  for (const { upload } of uploads) upload.end(' '.repeat(1000));
  const all = await Promise.all(answers);
  const refused = all.find(({ status }) => status === 503)!;
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  expect((await expectProblem(refused, 503)).detail).toMatch(/bodies/);
  expect(all.filter(({ status }) => status === 202).length).toBeGreaterThanOrEqual(4);
  await until(async () => (await value('bodies_bytes')) === 0);
});

test('what decompression makes counts, too', async () => {
  const before = await value('bodies_refused_total');
  const body = gzipSync(JSON.stringify(click()).padEnd(inflatedMax));
  const headers = { 'content-encoding': 'gzip' };
  const sent = Array.from({ length: 50 }, () => post(`${tracker.url}/api/events`, body, headers));
  const statuses = (await Promise.all(sent)).map(({ status }) => status);
  const refused = statuses.filter((status) => status === 503).length;
  expect(refused).toBeGreaterThan(0);
  expect(refused + statuses.filter((status) => status === 202).length).toBe(50);
  expect((await value('bodies_refused_total')) - before).toBe(refused);
  expect(await value('bodies_bytes')).toBe(0);
  await expectStatus(post(`${tracker.url}/api/events`, body, headers), 202);
});

test('a client that hangs up in the middle of its body gives its part of the budget back', async () => {
  const { upload, answered } = beginUpload('/api/events', bodyMax);
  answered.catch(() => {});
  upload.write(' '.repeat(50_000));
  await until(async () => (await value('bodies_bytes')) > 50_000);
  upload.destroy();
  await until(async () => (await value('bodies_bytes')) === 0);
});
