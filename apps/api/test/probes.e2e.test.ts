import { asAdmin, startApi, startWorker, type TestProcess } from '@event-tracker/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { click, expectProblem, expectStatus, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

let tracker: Tracker;
let worker: TestProcess;
let api: TestProcess;

beforeAll(async () => {
  tracker = await startTracker();
  [api, worker] = [tracker.api, await tracker.addWorker()];
});

afterAll(() => tracker.stop());

test('each process says that it lives', async () => {
  for (const { url } of [api, worker]) await expectStatus(fetch(`${url}/healthz`), 200);
});

test('each process is ready while both stores are up', async () => {
  for (const { url } of [api, worker]) {
    const { status, dependencies, reasons } = await expectStatus(fetch(`${url}/readyz`), 200);
    expect({ status, reasons }).toEqual({ status: 'ready', reasons: [] });
    expect(dependencies).toMatchObject({ redis: 'up', postgres: 'up' });
  }
});

describe('with both stores away', () => {
  // Nobody listens there.
  const env = {
    DATABASE_URL: 'postgres://nobody:a-secret@127.0.0.1:1/none',
    REDIS_URL: 'redis://:a-secret@127.0.0.1:1',
  };

  test.each([
    ['an API', startApi, expectRefusals],
    ['a worker', startWorker, async () => {}],
  ])('%s starts, stays up, says what is missing, and ends when it is told to', async (_, start, use) => {
    const process = await start(env);
    try {
      await expectStatus(fetch(`${process.url}/healthz`), 200);
      const ready = await expectStatus(fetch(`${process.url}/readyz`), 503);
      expect(ready).toMatchObject({
        status: 'unavailable',
        dependencies: { redis: 'down', postgres: 'down' },
      });
      expect(ready.reasons).toEqual(
        expect.arrayContaining([expect.stringMatching(/^redis: ./), expect.stringMatching(/^postgres: ./)]),
      );
      expect(JSON.stringify(ready)).not.toContain('a-secret');
      await use(process);
      await expectStatus(fetch(`${process.url}/healthz`), 200);
    } finally {
      expect(await process.stop()).toBe(0);
    }
    expect(process.output()).not.toContain('a-secret');
  });
});

/** What cannot be kept or known now is refused, and may be asked for again later. */
async function expectRefusals({ url }: TestProcess): Promise<void> {
  const refused = [
    post(`${url}/api/events`, click()),
    post(`${url}/api/events/batch`, [click()]),
    fetch(`${url}/api/statistics?eventType=CLICK&componentId=1`),
    fetch(`${url}/api/statistics/keywords/top`),
    fetch(`${url}/api/search/recent/1`),
    fetch(`${url}/admin/ledger`, { headers: asAdmin }),
  ];
  for (const response of await Promise.all(refused)) {
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    await expectProblem(response, 503);
  }
}
