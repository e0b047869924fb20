import { type Batch, LaneUnavailable, type TrackedEvent } from '@event-tracker/domain';
import { createMetrics } from '@event-tracker/runtime';
import { describe, expect, test } from '@jest/globals';
import { createAcceptor } from '../src/ingest/accept-events.ts';
import type { BackPressure } from '../src/ingest/back-pressure.ts';
import { createIngestMetrics } from '../src/ingest/ingest-metrics.ts';

interface Submission {
  batch: Batch;
  succeed(): void;
  fail(cause: unknown): void;
}

/** A lane that holds every batch until the test lets it go. */
function createHeldLane() {
  const submissions: Submission[] = [];
  const listeners: (() => void)[] = [];
  return {
    name: 'held',
    submissions,
    submit: (batch: Batch) =>
      new Promise<void>((resolve, reject) => {
        submissions.push({ batch, succeed: resolve, fail: reject });
        for (const listener of listeners.splice(0)) listener();
      }),
    /** The n-th submission (from 0), once it is there. */
    async submission(index: number): Promise<Submission> {
      while (submissions.length <= index) await new Promise<void>((resolve) => listeners.push(resolve));
      return submissions[index]!;
    },
    health: async () => {},
    close: async () => {},
  };
}

function start(options: Partial<Parameters<typeof createAcceptor>[0]> = {}) {
  const lane = createHeldLane();
  const errors: unknown[] = [];
  const acceptor = createAcceptor({
    lane,
    pressure: { admission: () => () => true, level: () => 'open', levelOf: () => 'open' },
    metrics: createIngestMetrics(createMetrics('test')),
    flushEventsMax: 500,
    flushesInFlightMax: 1,
    flushEveryMs: 0,
    pendingEventsMax: 1000,
    pendingBytesMax: 1_000_000,
    waitMaxMs: 60_000,
    onError: (cause) => errors.push(cause),
    ...options,
  });
  return { acceptor, lane, errors };
}

function events(count: number): TrackedEvent[] {
  return Array.from({ length: count }, (_, index) => ({
    eventId: `0198c0de-0000-7000-8000-${String(index).padStart(12, '0')}`,
    clientId: false,
    eventType: 'CLICK',
    sessionId: 's',
    componentId: 1002,
    occurredAt: 0,
    receivedAt: 0,
  }));
}

/** Whether a promise is settled once everything that can run without the outside has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.then(() => (settled = true));
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

test('events are accepted only once the lane has their batch', async () => {
  const { acceptor, lane } = start();
  const accepting = acceptor.accept(events(2));
  const submission = await lane.submission(0);
  expect(await isSettled(accepting)).toBe(false);
  submission.succeed();
  expect(await accepting).toEqual({ status: 'accepted' });
});

test('requests that come together share a batch, and its outcome', async () => {
  const { acceptor, lane, errors } = start();
  const requests = [events(1), events(3), events(2)];
  const accepting = requests.map((request) => acceptor.accept(request));
  const submission = await lane.submission(0);
  expect(submission.batch.events).toEqual(requests.flat());
  submission.fail(new LaneUnavailable('Redis is away'));
  for (const acceptance of await Promise.all(accepting)) expect(acceptance.status).toBe('unavailable');
  expect(errors).not.toEqual([]);
});

test('what comes while a batch is under way makes up the next one', async () => {
  const { acceptor, lane } = start();
  const first = acceptor.accept(events(1));
  const submission = await lane.submission(0);
  const later = [acceptor.accept(events(2)), acceptor.accept(events(3))];
  submission.succeed();
  expect(await first).toEqual({ status: 'accepted' });
  const next = await lane.submission(1);
  expect(next.batch.events).toHaveLength(5);
  next.succeed();
  await Promise.all(later);
});

test('a request is never split over two batches', async () => {
  const { acceptor, lane } = start({ flushEventsMax: 10, flushesInFlightMax: 3 });
  const accepting = [acceptor.accept(events(6)), acceptor.accept(events(6)), acceptor.accept(events(25))];
  await lane.submission(2);
  expect(lane.submissions.map(({ batch }) => batch.events.length)).toEqual([6, 6, 25]);
  for (const submission of lane.submissions) submission.succeed();
  await Promise.all(accepting);
});

test('a batch says how many events its producer had acknowledged, failed ones not among them', async () => {
  const { acceptor, lane } = start();
  const outcomes = ['succeed', 'fail', 'succeed', 'succeed'] as const;
  for (const [index, outcome] of outcomes.entries()) {
    const accepting = acceptor.accept(events(index + 1));
    (await lane.submission(index))[outcome](new LaneUnavailable('no'));
    await accepting;
  }
  expect(lane.submissions.map(({ batch }) => batch.acknowledged)).toEqual([0, 1, 1, 4]);
  expect(new Set(lane.submissions.map(({ batch }) => batch.producer)).size).toBe(1);
  expect(new Set(lane.submissions.map(({ batch }) => batch.id)).size).toBe(outcomes.length);
});

describe('back-pressure', () => {
  test('an event that is not admitted keeps its whole call from the lane', async () => {
    const pressure: BackPressure = {
      admission: () => (eventType) => eventType !== 'CLICK',
      level: () => 'shedding',
      levelOf: () => 'shedding',
    };
    const { acceptor, lane } = start({ pressure });
    const [click, other] = events(2) as [TrackedEvent, TrackedEvent];
    expect(await acceptor.accept([{ ...other, eventType: 'SEARCH' }, click])).toMatchObject({
      status: 'busy',
    });
    expect(lane.submissions).toEqual([]);
  });

  test('beyond the limit of what may wait a request is refused at once, and taken once there is room', async () => {
    const { acceptor, lane } = start({ pendingEventsMax: 3 });
    const first = acceptor.accept(events(3));
    const submission = await lane.submission(0);
    expect(await acceptor.accept(events(1))).toMatchObject({ status: 'busy' });
    submission.succeed();
    await first;
    const next = acceptor.accept(events(1));
    (await lane.submission(1)).succeed();
    expect(await next).toEqual({ status: 'accepted' });
  });
});

test('beyond the bytes that may wait a request is refused at once, and taken once there is room', async () => {
  const heavy = () => events(1).map((event) => ({ ...event, properties: { text: 'a'.repeat(4000) } }));
  const { acceptor, lane } = start({ pendingBytesMax: 20_000 });
  const first = [acceptor.accept(heavy()), acceptor.accept(heavy())];
  const submission = await lane.submission(0);
  expect(await acceptor.accept(heavy())).toMatchObject({ status: 'busy' });
  const light = acceptor.accept(events(1));
  submission.succeed();
  await Promise.all(first);
  (await lane.submission(1)).succeed();
  expect(await light).toEqual({ status: 'accepted' });
  const next = acceptor.accept([...heavy(), ...heavy(), ...heavy(), ...heavy()]);
  (await lane.submission(2)).succeed();
  expect(await next).toEqual({ status: 'accepted' });
});

test('a request that waits too long for its flush is refused, one that waits for it to end, too', async () => {
  const { acceptor, lane } = start({ waitMaxMs: 200 });
  const underWay = acceptor.accept(events(2));
  const submission = await lane.submission(0);
  const waiting = acceptor.accept(events(3));
  for (const refused of [underWay, waiting])
    expect(await refused).toEqual({ status: 'busy', reason: 'the event waited too long to be stored' });
  submission.succeed();
  const later = acceptor.accept(events(4));
  const next = await lane.submission(1);
  // What was under way was durable after all; what waited was dropped.
  expect(next.batch).toMatchObject({ acknowledged: 2, events: events(4) });
  next.succeed();
  expect(await later).toEqual({ status: 'accepted' });
});

test('an acceptor that closes settles what it took, and takes nothing more', async () => {
  const { acceptor, lane } = start();
  const accepting = acceptor.accept(events(1));
  const submission = await lane.submission(0);
  const closing = acceptor.close();
  expect(await acceptor.accept(events(1))).toMatchObject({ status: 'busy' });
  expect(await isSettled(closing)).toBe(false);
  submission.succeed();
  await closing;
  expect(await accepting).toEqual({ status: 'accepted' });
});
