import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { classifyFailure, sqlState } from '../src/index.ts';
import { inTransaction } from '../src/postgres/transaction.ts';
import { openTestLedger, type TestLedger } from './support/test-ledger.ts';

let store: TestLedger;

beforeAll(async () => {
  store = await openTestLedger({ connections: 2 });
});
afterAll(() => store.close());

const one = { name: 'one', text: 'select pg_backend_pid() as pid' };

test('a transaction that stood idle for too long is known to be rolled back, and the next one has a good connection', async () => {
  const isOpen = async (pid: number) =>
    (await store.rows('select from pg_stat_activity where pid = $1', [pid])).length > 0;

  const cause = await inTransaction(store.pool, async (send) => {
    const [row] = await send<{ pid: number }>(one, []);
    while (await isOpen(row!.pid)) await pause(50);
    await send(one, []);
  }).catch((failed: unknown) => failed);

  expect([sqlState(cause), classifyFailure(cause)]).toEqual(['25P03', 'conflict']);
  expect(await inTransaction(store.pool, (send) => send(one, []))).toHaveLength(1);
});
