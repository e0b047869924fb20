import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import {
  createTestDatabase,
  startApi,
  startTestRedis,
  startWorker,
  type TestProcess,
  until,
  untilReady,
} from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import pg from 'pg';
import { untilAtRest } from './at-rest.ts';

/** What a drain leaves a balancer that probes this often, on a machine that has more to do. */
const drainDelayMs = 2500;
const probeEveryMs = 100;
const senders = 8;

const closers: (() => unknown)[] = [];
let env: Record<string, string>;
let database: pg.Client;
let redis: Redis;
const fleet: Record<'apis' | 'workers', TestProcess[]> = { apis: [], workers: [] };

beforeAll(async () => {
  const testDatabase = await createTestDatabase();
  closers.push(() => testDatabase.drop());
  const testRedis = await startTestRedis();
  closers.push(() => testRedis.stop());
  env = {
    DATABASE_URL: testDatabase.url,
    REDIS_URL: testRedis.url,
    DRAIN_DELAY_MS: String(drainDelayMs),
  };
  database = new pg.Client(testDatabase.url);
  await database.connect();
  closers.push(() => database.end());
  redis = new Redis<'legacy'>(testRedis.url);
  closers.push(() => redis.disconnect());
  closers.push(() => Promise.all([...fleet.apis, ...fleet.workers].map((process) => process.stop())));
  fleet.apis.push(...(await Promise.all([startApi(env), startApi(env)])));
  fleet.workers.push(...(await Promise.all([startWorker(env), startWorker(env)])));
  await Promise.all([...fleet.apis, ...fleet.workers].map(untilReady));
});

afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

/** Which APIs may be sent to: those whose readiness was 200 when it was last asked for. */
const ready = new Set<string>();

async function probe(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await Promise.all(
      fleet.apis.map(async ({ url }) => {
        const response = await fetch(`${url}/readyz`).catch(() => undefined);
        await response?.text();
        if (response?.ok) ready.add(url);
        else ready.delete(url);
      }),
    );
    await pause(probeEveryMs);
  }
}

interface Outcome {
  accepted: number;
  read: number;
  failed: string[];
}

/** One request after the other on connections that are kept as long as the API keeps them; none is sent twice. */
async function send(outcome: Outcome, signal: AbortSignal): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let at = 0; !signal.aborted; at += 1) {
    const targets = [...ready];
    const url = targets[at % targets.length];
    if (url === undefined) outcome.failed.push('no API is ready');
    const isRead = at % 10 === 0;
    const answer = await (isRead
      ? ask(agent, `${url}/api/statistics?eventType=CLICK&componentId=1`)
      : ask(agent, `${url}/api/events`, { eventType: 'CLICK', sessionId: 's', metadata: { componentId: 1 } })
    ).catch(String);
    if (answer === 200) outcome.read += 1;
    else if (answer === 202) outcome.accepted += 1;
    else outcome.failed.push(`${isRead ? 'a read' : 'an event'}: ${answer}`);
    await pause(5);
  }
  agent.destroy();
}

function ask(agent: Agent, url: string, body?: object): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    request(url, { agent, headers, method: body ? 'POST' : 'GET' }, (answer) => {
      text(answer).then(() => resolve(answer.statusCode!), reject);
    })
      .on('error', reject)
      .end(body && JSON.stringify(body));
  });
}

/** Each is ended and made anew; the next only when this one is ready. */
async function restart(kind: 'apis' | 'workers', start: typeof startApi): Promise<void> {
  for (const [at, old] of fleet[kind].entries()) {
    expect(await old.stop()).toBe(0);
    const made = await start(env);
    fleet[kind][at] = made;
    await untilReady(made);
    if (kind === 'apis') await until(() => ready.has(made.url));
  }
}

test('APIs and workers restarted one after the other under load cost a client that follows readiness no request', async () => {
  const outcome: Outcome = { accepted: 0, read: 0, failed: [] };
  const ending = new AbortController();
  const probing = probe(ending.signal);
  await until(() => ready.size === 2);
  const sending = Promise.all(Array.from({ length: senders }, () => send(outcome, ending.signal)));
  try {
    await until(() => outcome.accepted > 50);
    await Promise.all([restart('apis', startApi), restart('workers', startWorker)]);
    const before = outcome.accepted;
    await until(() => outcome.accepted > before + 50);
  } finally {
    ending.abort();
    await Promise.all([sending, probing]);
  }
  expect(outcome.failed).toEqual([]);
  expect(outcome.accepted).toBeGreaterThan(500);
  expect(outcome.read).toBeGreaterThan(50);

  const ledger = await untilAtRest({
    urls: () => fleet.apis.map(({ url }) => url),
    database,
    redis,
    limitMs: 90_000,
  });
  const { accepted } = outcome;
  expect(ledger).toMatchObject({ received: accepted, stored: accepted, missing: 0, balanced: true });
}, 360_000);
