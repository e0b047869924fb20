import type { TestProcess } from '@event-tracker/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { expectProblem, send } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

let tracker: Tracker;
const open: Record<string, TestProcess> = {};
const guarded: Record<string, TestProcess> = {};
const forLoopback: Record<string, TestProcess> = {};

beforeAll(async () => {
  tracker = await startTracker();
  const admin = { METRICS_AUTH: 'admin', ADMIN_TOKENS: 'token-1' };
  open.api = tracker.api;
  [open.worker, guarded.api, guarded.worker, forLoopback.api, forLoopback.worker] = await Promise.all([
    tracker.addWorker({ ADMIN_TOKENS: 'token-1' }),
    tracker.addApi(admin),
    tracker.addWorker(admin),
    tracker.addApi({ METRICS_AUTH: 'admin' }),
    tracker.addWorker({ METRICS_AUTH: 'admin' }),
  ]);
});

afterAll(() => tracker.stop());

describe.each(['api', 'worker'])('the metrics of the %s', (kind) => {
  test('are open to everybody by default, in the text format', async () => {
    const response = await send(`${open[kind]!.url}/metrics`, { 'x-forwarded-for': '192.0.2.1' });
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await response.text()).toContain(`event_tracker_build_info{process="${kind}"`);
  });

  test('are for an admin token with METRICS_AUTH=admin', async () => {
    const url = `${guarded[kind]!.url}/metrics`;
    const refused = await send(url, {});
    expect(refused.headers.get('www-authenticate')).toContain('Bearer');
    await expectProblem(refused, 401);
    await expectProblem(send(url, { authorization: 'Bearer token-2' }), 401);
    expect((await send(url, { authorization: 'Bearer token-1' })).status).toBe(200);
  });

  test('are for loopback alone with METRICS_AUTH=admin and no token', async () => {
    const url = `${forLoopback[kind]!.url}/metrics`;
    expect((await send(url, {})).status).toBe(200);
    await expectProblem(send(url, { 'x-forwarded-for': '127.0.0.1' }), 403);
    await expectProblem(send(url, { host: 'tracker.example.com' }), 403);
  });

  test('can only be read', async () => {
    const url = `${open[kind]!.url}/metrics`;
    expect((await send(url, {}, 'HEAD')).status).toBe(200);
    const refused = await send(url, {}, 'POST');
    expect(refused.headers.get('allow')).toBe('GET, HEAD');
    await expectProblem(refused, 405);
  });
});
