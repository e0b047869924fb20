import { afterAll, test } from '@jest/globals';
import type { SentEvent } from '../model.ts';
import { sendUntilAccepted } from '../send-events.ts';
import type { CrashPoint } from './support/crash-point.ts';
import { createStages, untilDead } from './support/stage.ts';

const stages = createStages();
afterAll(() => stages.close());

const limitMs = 240_000;

interface Row extends CrashPoint {
  title: string;
  withoutRedis?: boolean;
}

const fastLane: Row[] = [
  { title: 'when the request is read', when: 'before', step: '^http body POST' },
  { title: 'before the job is added', when: 'before', step: '^redis add\\w*Job' },
  { title: 'when the job is on its way', when: 'sent', step: '^redis add\\w*Job' },
  { title: 'when the job is added', when: 'after', step: '^redis add\\w*Job' },
  { title: 'before the answer', when: 'before', step: '^http 202' },
  { title: 'when the answer is on its way', when: 'sent', step: '^http 202' },
  { title: 'before the second job is added', when: 'before', step: '^redis add\\w*Job', nth: 2 },
  { title: 'before the last answer', when: 'before', step: '^http 202', nth: 3 },
];

const durableLane: Row[] = [
  { title: 'before the job is inserted', when: 'before', step: '^pg with ins as \\( insert into pgboss' },
  { title: 'when the job is on its way', when: 'sent', step: '^pg with ins as \\( insert into pgboss' },
  { title: 'when the job is inserted', when: 'after', step: '^pg with ins as \\( insert into pgboss' },
  { title: 'before the answer', when: 'before', step: '^http 202' },
].map((row) => ({ ...row, withoutRedis: true }) as Row);

test.concurrent.each(fastLane)(
  'an API that dies $title leaves every event counted once',
  dieAndCompare,
  limitMs,
);

test.concurrent.each(durableLane)(
  'an API that dies without a Redis $title leaves every event counted once',
  dieAndCompare,
  limitMs,
);

async function dieAndCompare({ withoutRedis = false, ...point }: Row): Promise<void> {
  const stage = await stages.open();
  try {
    const api = await stage.startApi({ crashAt: point, withoutRedis });
    await stage.startWorker();
    const sent = sendAll([api.url], stage.requests);
    await untilDead(api);
    const { port } = new URL(api.url);
    const second = await stage.startApi({ port, withoutRedis });
    await sent;
    await stage.expectExact(withoutRedis ? await stage.startApi() : second);
  } finally {
    await stage.close();
  }
}

/** One after the other, so that each is a job of its own. */
async function sendAll(urls: string[], requests: SentEvent[][]): Promise<void> {
  for (const request of requests) await sendUntilAccepted(urls, request);
}
