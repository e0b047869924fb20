import { readFileSync } from 'node:fs';
import {
  asAdmin,
  createTestDatabase,
  poll,
  startApi,
  startTestRedis,
  startWorker,
  type TestDatabase,
  type TestProcess,
  type TestStore,
  until,
  untilReady,
} from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { seededRandom } from '../random-events.ts';
import { abort, answersIn, attack, endAttacks, sendBytes, whatIsWrong } from './support/attack.ts';
import { badBytes, slowBytes } from './support/bad-bytes.ts';
import { createDice } from './support/bad-json.ts';

const seed = 20_261_125;
/** Twice: the memory of the first half is what that of the second is held against. */
const half = 5500;
/** What a heap may differ by from one collection to the next. */
const memorySlackBytes = 64 << 20;

let database: TestDatabase;
let redis: TestStore;
let api: TestProcess;
let worker: TestProcess;
let accepted = 0;
const slowest = { ms: 0 };
let goOn = true;
let visitors: Promise<void>[];

beforeAll(async () => {
  [database, redis] = await Promise.all([createTestDatabase(), startTestRedis()]);
  const env = { DATABASE_URL: database.url, REDIS_URL: redis.url };
  [api, worker] = await Promise.all([
    startApi({
      ...env,
      HEADERS_TIMEOUT_MS: '1500',
      REQUEST_TIMEOUT_MS: '2000',
      // As many exploding bodies as there are requests at a time: each is refused for what it is, none to make room.
      BODIES_BYTES_MAX: String(24 * (9 << 20)),
    }),
    startWorker(env),
  ]);
  await untilReady(api);
  visitors = Array.from({ length: 3 }, visit);
});

afterAll(async () => {
  goOn = false;
  endAttacks();
  await Promise.allSettled(visitors);
  await api.stop();
  await worker.stop();
  await redis.stop();
  await database.drop();
});

/** Valid traffic beside the attack: whatever is not a 202 fails the test. */
async function visit(): Promise<void> {
  while (goOn) {
    const since = performance.now();
    const response = await fetch(`${api.url}/api/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ eventType: 'CLICK', sessionId: 'a visitor', metadata: { componentId: 1002 } }),
    });
    const answer = await response.text();
    if (response.status !== 202) throw new Error(`a valid event got ${response.status}: ${answer}`);
    accepted += 1;
    slowest.ms = Math.max(slowest.ms, performance.now() - since);
  }
}

const memory = () =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${api.pid}/status`, 'utf8'))![1]) * 1024;
const dice = createDice(seededRandom(seed));
let memoryAfterHalf = 0;

test(`${half} bad requests are each refused with a problem`, async () => {
  const { wrong, statuses } = await attack(api.url, dice, half);
  if (process.platform === 'linux') memoryAfterHalf = memory();
  expect(wrong).toEqual([]);
  expect(Object.keys(statuses).sort()).toEqual(['400', '404', '405', '413', '415']);
}, 360_000);

test.each(badBytes)('$name is refused with a problem, and hides nothing', async ({ bytes }) => {
  const answers = answersIn(await sendBytes(api.url, bytes));
  expect(answers.map((answer) => whatIsWrong(answer))).toEqual(answers.map(() => undefined));
});

test('whoever sends slowly is hung up on, with a problem', async () => {
  const said = await Promise.all(
    Array.from({ length: 10 }, () => slowBytes)
      .flat()
      .map((bytes) => sendBytes(api.url, bytes)),
  );
  const answers = said.filter((text) => text !== '').flatMap(answersIn);
  expect(answers.filter(({ status }) => status === 408).length).toBeGreaterThan(30);
  expect(answers.flatMap((answer) => whatIsWrong(answer) ?? [])).toEqual([]);
}, 120_000);

test('bodies that break off do no harm', async () => {
  for (let round = 0; round < 40; round += 1)
    await Promise.all(slowBytes.map((bytes) => abort(api.url, bytes)));
});

test('as many again leave the memory where it was', async () => {
  const { wrong } = await attack(api.url, dice, half);
  expect(wrong).toEqual([]);
  if (process.platform !== 'linux') return;
  await until(() => memory() < memoryAfterHalf + memorySlackBytes, { what: 'the memory to be where it was' });
}, 360_000);

test('the valid traffic beside it was taken, and counted exactly; nothing else was', async () => {
  goOn = false;
  await Promise.all(visitors);
  expect(accepted).toBeGreaterThan(100);
  const books = await poll(async () => {
    const read = (await (await fetch(`${api.url}/admin/ledger`, { headers: asAdmin })).json()) as Record<
      string,
      unknown
    >;
    return read.inFlight === 0 ? read : undefined;
  });
  expect(books).toMatchObject({ received: accepted, stored: accepted, dead: 0, missing: 0, balanced: true });
  expect(api.output()).not.toMatch(/"level":(50|60)/);
  console.log(
    `${accepted} valid events beside it, the slowest ${slowest.ms.toFixed(0)} ms; memory ${memoryAfterHalf >> 20} and ${memory() >> 20} MiB`,
  );
});
