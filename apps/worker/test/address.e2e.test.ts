import { networkInterfaces } from 'node:os';
import { startApi, startWorker } from '@event-tracker/testing';
import { describe, expect, test } from '@jest/globals';

const hasIPv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);
// Nobody listens there: a process listens, and lives, all the same.
const stores = { DATABASE_URL: 'postgres://127.0.0.1:1/none', REDIS_URL: 'redis://127.0.0.1:1' };

describe.each([...['127.0.0.1', '0.0.0.0'], ...(hasIPv6 ? ['::1', '::'] : [])])('on %s', (HOST) => {
  test.each([
    ['API', startApi],
    ['worker', startWorker],
  ] as const)('the address that the %s logs leads to it', async (_, start) => {
    const started = await start({ ...stores, HOST });
    try {
      expect((await fetch(`${started.url}/healthz`)).status).toBe(200);
    } finally {
      await started.stop();
    }
  });
});
