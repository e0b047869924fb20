import type { TestProcess } from '@event-tracker/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { expectProblem, send } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

let tracker: Tracker;
const open: Record<string, TestProcess> = {};
const guarded: Record<string, TestProcess> = {};
const withoutTokens: Record<string, TestProcess> = {};

beforeAll(async () => {
  tracker = await startTracker();
  const admin = { METRICS_AUTH: 'admin', ADMIN_TOKENS: 'token-1' };
  open.api = tracker.api;
  [open.worker, guarded.api, guarded.worker, withoutTokens.api, withoutTokens.worker] = await Promise.all([
    tracker.addWorker({ ADMIN_TOKENS: 'token-1' }),
    tracker.addApi(admin),
    tracker.addWorker(admin),
    tracker.addApi({ METRICS_AUTH: 'admin', ADMIN_TOKENS: '' }),
    tracker.addWorker({ METRICS_AUTH: 'admin', ADMIN_TOKENS: '' }),
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

  test('are for nobody with METRICS_AUTH=admin and no token, on loopback either', async () => {
    const url = `${withoutTokens[kind]!.url}/metrics`;
    for (const headers of [{}, { 'x-forwarded-for': '127.0.0.1' }, { authorization: 'Bearer token-1' }])
      expect((await expectProblem(send(url, headers as Record<string, string>), 403)).detail).toContain(
        'ADMIN_TOKENS',
      );
  });

  test('are for the cookie of a session with METRICS_AUTH=admin, on whatever port', async () => {
    const opened = await fetch(`${guarded.api!.url}/admin/session`, {
      method: 'POST',
      headers: { authorization: 'Bearer token-1' },
    });
    const cookie = opened.headers.get('set-cookie')!.split(';')[0]!;
    expect((await send(`${guarded[kind]!.url}/metrics`, { cookie })).status).toBe(200);
    await expectProblem(send(`${guarded[kind]!.url}/metrics`, { cookie: cookie.slice(0, -1) }), 401);
  });

  test('can only be read', async () => {
    const url = `${open[kind]!.url}/metrics`;
    expect((await send(url, {}, 'HEAD')).status).toBe(200);
    const refused = await send(url, {}, 'POST');
    expect(refused.headers.get('allow')).toBe('GET, HEAD');
    await expectProblem(refused, 405);
  });
});
