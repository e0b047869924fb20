import { expect, test } from '@jest/globals';
import { type ClientEvent, type ClientOptions, createClient, type Drop, type Retry } from '../src/index.ts';

const click: ClientEvent = { eventType: 'CLICK', sessionId: 's', metadata: { componentId: 1002 } };

interface Sent {
  eventId: string;
  occurredAt: string;
}

type Respond = (events: Sent[], attempt: number) => Response | Promise<Response>;

const keptAll: Respond = (events) => {
  const results = events.map(({ eventId }, index) => ({ index, status: 'accepted', eventId }));
  return Response.json({ accepted: events.length, rejected: 0, results }, { status: 202 });
};
const refused = (status: number, headers: Record<string, string> = {}) =>
  Response.json({ status, errors: [] }, { status, headers });

/** A client of an API that answers as told, and what was sent to it. */
function clientOf(respond: Respond, options: Partial<ClientOptions> = {}) {
  const attempts: string[][] = [];
  const drops: Drop[] = [];
  const retries: Retry[] = [];
  const client = createClient({
    url: 'http://api.test/base/',
    lingerMs: 0,
    onDrop: (drop) => drops.push(drop),
    onRetry: (retry) => retries.push(retry),
    fetch: async (url, init) => {
      expect(url).toBe('http://api.test/base/api/events/batch');
      const { events } = JSON.parse(init?.body as string) as { events: Sent[] };
      attempts.push(events.map(({ eventId }) => eventId));
      init?.signal?.throwIfAborted();
      const aborted = new Promise<never>((_, reject) =>
        init?.signal?.addEventListener('abort', () => reject(new Error('aborted'))),
      );
      aborted.catch(() => {});
      return Promise.race([respond(events, attempts.length), aborted]);
    },
    ...options,
  });
  return { client, attempts, drops, retries };
}

test('events that are tracked in one go are one request, in their order', async () => {
  const { client, attempts } = clientOf(keptAll);
  const ids = [client.track(click), client.track(click), client.track(click)];
  expect(client.pending()).toBe(3);
  await client.flush();
  expect(attempts).toEqual([ids]);
  expect(client.pending()).toBe(0);
});

test('an event that is tracked in answer to a flush is sent, too', async () => {
  const { client, attempts } = clientOf(keptAll);
  for (let round = 0; round < 3; round += 1) {
    client.track(click);
    await client.flush();
  }
  expect(attempts.map((events) => events.length)).toEqual([1, 1, 1]);
});

test('id and time are those of the call, and what happens to the object later changes nothing', async () => {
  let sent: Sent[] = [];
  const { client } = clientOf((events, attempt) => {
    sent = events;
    return keptAll(events, attempt);
  });
  const event = { ...click, sessionId: 'before', eventId: undefined as unknown as string };
  const before = Date.now();
  const id = client.track(event);
  event.sessionId = 'after';
  await client.flush();
  expect(sent).toMatchObject([{ eventId: id, sessionId: 'before' }]);
  expect(Date.parse(sent[0]!.occurredAt)).toBeGreaterThanOrEqual(before);
  expect(Date.parse(sent[0]!.occurredAt)).toBeLessThanOrEqual(Date.now());
});

test('an id and a time that the caller gives are kept', async () => {
  let sent: Sent[] = [];
  const { client } = clientOf((events, attempt) => {
    sent = events;
    return keptAll(events, attempt);
  });
  const given = { eventId: '0198c0de-7a3e-7c61-9c64-5f1d2a3b4c5d', occurredAt: '2026-11-22T10:34:00.000Z' };
  expect(client.track({ ...click, ...given })).toBe(given.eventId);
  await client.flush();
  expect(sent).toMatchObject([given]);
});

test('without an answer, or with one that takes nothing, the same events are sent again under the same ids', async () => {
  const { client, attempts, retries, drops } = clientOf((events, attempt) => {
    if (attempt === 1) throw new TypeError('fetch failed');
    if (attempt === 2) return refused(503);
    return keptAll(events, attempt);
  });
  const ids = [client.track(click), client.track(click)];
  await client.flush();
  expect(attempts).toEqual([ids, ids, ids]);
  expect(retries.map(({ cause }) => String(cause))).toEqual([
    'TypeError: fetch failed',
    'the API answered 503',
  ]);
  expect(drops).toEqual([]);
});

test('a refusal that says when to come back is not asked sooner', async () => {
  const { client, retries } = clientOf((events, attempt) =>
    attempt === 1 ? refused(429, { 'retry-after': '1' }) : keptAll(events, attempt),
  );
  client.track(click);
  const start = performance.now();
  await client.flush();
  expect(performance.now() - start).toBeGreaterThan(990);
  expect(retries[0]!.delayMs).toBeGreaterThanOrEqual(1000);
});

test('of a batch the refused are told with why, the busy are sent again, and the rest is done', async () => {
  const errors = [{ path: 'metadata.keyword', message: 'is required' }];
  const { client, attempts, drops } = clientOf((events, attempt) => {
    if (attempt > 1) return keptAll(events, attempt);
    const results = [
      { index: 0, status: 'accepted' },
      { index: 1, status: 'rejected', errors },
      { index: 2, status: 'busy' },
    ];
    return Response.json({ results }, { status: 202 });
  });
  const [first, second, third] = [client.track(click), client.track(click), client.track(click)];
  await client.flush();
  expect(attempts).toEqual([[first, second, third], [third]]);
  expect(drops).toMatchObject([{ event: { eventId: second }, reason: 'rejected', errors }]);
});

test('a batch that is too large for the API is halved until it fits', async () => {
  const { client, attempts, drops } = clientOf((events, attempt) =>
    events.length > 2 ? refused(413) : keptAll(events, attempt),
  );
  for (let count = 0; count < 8; count += 1) client.track(click);
  await client.flush();
  expect(new Set(attempts.filter(({ length }) => length <= 2).flat()).size).toBe(8);
  expect(drops).toEqual([]);
});

test('an event that is too large by itself is told and holds up no other', async () => {
  const huge = { ...click, sessionId: 'huge' };
  const { client, drops } = clientOf((events, attempt) =>
    (events as unknown as ClientEvent[]).some(({ sessionId }) => sessionId === 'huge')
      ? refused(413)
      : keptAll(events, attempt),
  );
  for (const event of [click, huge, click]) client.track(event);
  await client.flush();
  expect(drops).toMatchObject([{ event: huge, reason: 'rejected' }]);
});

test('requests stay below the size that the API takes', async () => {
  const { client, attempts } = clientOf(keptAll);
  const large = { ...click, properties: { text: '가'.repeat(100_000) } };
  for (let count = 0; count < 5; count += 1) client.track(large);
  await client.flush();
  expect(attempts.map(({ length }) => length)).toEqual([2, 2, 1]);
});

test('a full queue drops what comes, and tells it', async () => {
  const { client, attempts, drops } = clientOf(keptAll, { queueEventsMax: 2 });
  const ids = [client.track(click), client.track(click)];
  const late = client.track(click);
  expect(drops).toMatchObject([{ event: { eventId: late }, reason: 'queue-full', errors: [] }]);
  await client.flush();
  expect(attempts).toEqual([ids]);
});

test('closing sends what is left, and refuses what comes after', async () => {
  const { client, attempts, drops } = clientOf(keptAll, { lingerMs: 60_000 });
  const id = client.track(click);
  const closed = client.close();
  const late = client.track(click);
  await closed;
  expect(attempts).toEqual([[id]]);
  expect(drops).toMatchObject([{ event: { eventId: late }, reason: 'closed' }]);
});

test.each<[string, Respond]>([
  ['refuses', () => refused(503)],
  ['hangs', () => new Promise<Response>(() => {})],
])('closing ends in time although the API %s, and tells what it leaves', async (_, respond) => {
  const { client, drops } = clientOf(respond);
  const id = client.track(click);
  const start = performance.now();
  await Promise.all([client.close(100), client.flush()]);
  expect(performance.now() - start).toBeLessThan(2000);
  expect(drops).toMatchObject([{ event: { eventId: id }, reason: 'closed' }]);
  expect(client.pending()).toBe(0);
});

test('a callback that throws keeps no event from being sent', async () => {
  const { client, attempts } = clientOf(
    (events, attempt) => (attempt === 1 ? refused(503) : keptAll(events, attempt)),
    {
      onRetry: () => {
        throw new Error('a bug of the caller');
      },
    },
  );
  const silenced = console.error;
  console.error = () => {};
  const id = client.track(click);
  await client.flush();
  console.error = silenced;
  expect(attempts).toEqual([[id], [id]]);
});

test.each<[Partial<ClientOptions>, RegExp]>([
  [{ url: 'events.example.com' }, /url/i],
  [{ url: 'ftp://events.example.com' }, /url/],
  [{ batchEventsMax: 0 }, /batchEventsMax/],
  [{ batchEventsMax: 1001 }, /batchEventsMax/],
  [{ queueEventsMax: 0.5 }, /queueEventsMax/],
])('%j is refused at once', (options, message) => {
  expect(() => createClient({ url: 'http://api.test', ...options })).toThrow(message);
});
