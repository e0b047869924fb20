import { isDeepStrictEqual } from 'node:util';
import { type Batch, eventTypes, type TrackedEvent } from '@event-tracker/domain';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { batchVersion, decodeBatch, encodeBatch, UnknownPayload } from '../src/batch-codec.ts';

const head = {
  id: '0198c0de-0000-7000-8000-00000000000a',
  producer: '0198c0de-0000-7000-8000-00000000000b',
  acknowledged: 3,
};

const event: TrackedEvent = {
  eventId: '0198c0de-0000-7000-8000-000000000001',
  clientId: false,
  eventType: 'CLICK',
  sessionId: 's-1',
  componentId: 1002,
  occurredAt: 1_795_343_640_000,
  receivedAt: 1_795_343_640_000,
};

const fullEvent: TrackedEvent = {
  eventId: '0198c0de-0000-7000-8000-000000000002',
  clientId: true,
  eventType: 'SEARCH',
  userId: 2 ** 53 - 1,
  sessionId: 's-2',
  componentId: 1001,
  elementId: 'search-box',
  keyword: '고양이',
  postId: 7,
  properties: { referrer: '/home', more: [1, null, { deep: true }] },
  occurredAt: 1_795_343_000_000,
  receivedAt: 1_795_343_640_000,
};

/** What version 1 puts on a lane. Jobs of this form are in flight during a deploy: it must stay readable. */
const payloadV1 = {
  version: 1,
  ...head,
  count: 2,
  events: [
    {
      eventId: '0198c0de-0000-7000-8000-000000000001',
      eventType: 'CLICK',
      sessionId: 's-1',
      componentId: 1002,
      receivedAt: 1_795_343_640_000,
    },
    {
      eventId: '0198c0de-0000-7000-8000-000000000002',
      clientId: true,
      eventType: 'SEARCH',
      userId: 9_007_199_254_740_991,
      sessionId: 's-2',
      componentId: 1001,
      elementId: 'search-box',
      keyword: '고양이',
      postId: 7,
      properties: { referrer: '/home', more: [1, null, { deep: true }] },
      occurredAt: 1_795_343_000_000,
      receivedAt: 1_795_343_640_000,
    },
  ],
};

function throughJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}

test('version 1 is written as it always was, without what is the default', () => {
  expect(encodeBatch({ ...head, events: [event, fullEvent] })).toStrictEqual(payloadV1);
});

test('version 1 is read as it always was', () => {
  expect(decodeBatch(payloadV1)).toStrictEqual({ ...head, events: [event, fullEvent] });
});

test('a batch with a like that a route has decided is of version 2, which a worker that would miscount it leaves alone', () => {
  const { occurredAt: _, ...like } = { ...event, eventType: 'LIKE' as const, userId: 1, postId: 7 };
  const decided: TrackedEvent = { ...like, occurredAt: event.occurredAt, tookEffect: true };
  const batch = { ...head, events: [event, decided] };
  const encoded = encodeBatch(batch);
  const { clientId: __, ...encodedLike } = like;
  expect(encoded).toStrictEqual({
    version: 2,
    ...head,
    count: 2,
    events: [payloadV1.events[0], { ...encodedLike, tookEffect: true }],
  });
  expect(decodeBatch(throughJson(encoded))).toStrictEqual(batch);
});

test('a decided like is not read from a payload of version 1', () => {
  const smuggled = { ...payloadV1, events: payloadV1.events.map((one) => ({ ...one, tookEffect: true })) };
  expect(decodeBatch(smuggled)).toStrictEqual({ ...head, events: [event, fullEvent] });
});

test('encoding leaves the batch as it was', () => {
  const batch = { ...head, events: [Object.freeze({ ...event }), Object.freeze({ ...fullEvent })] };
  encodeBatch(Object.freeze(batch));
  expect(batch).toStrictEqual({ ...head, events: [event, fullEvent] });
});

describe('a batch comes back as it was', () => {
  const id = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
  const times = fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2036-01-01') });
  const text = fc.string({ unit: 'grapheme', minLength: 1 });
  const required = ['eventId', 'clientId', 'eventType', 'sessionId', 'componentId', 'receivedAt'] as const;

  const events: fc.Arbitrary<TrackedEvent> = fc
    .tuple(
      fc.record(
        {
          eventId: fc.uuid(),
          clientId: fc.boolean(),
          eventType: fc.constantFrom(...eventTypes),
          userId: id,
          sessionId: text,
          componentId: id,
          elementId: text,
          keyword: text,
          postId: id,
          // As it comes from the wire: plain objects, whatever their fields are called.
          properties: fc.dictionary(text, fc.jsonValue({ maxDepth: 3 })).map(throughJson),
          receivedAt: times,
        },
        { requiredKeys: [...required], noNullPrototype: true },
      ),
      fc.oneof(fc.constant(0), fc.integer({ min: -2_592_000_000, max: 300_000 })),
    )
    .map(([fields, offset]) => ({ ...fields, occurredAt: fields.receivedAt + offset }));

  const batches: fc.Arbitrary<Batch> = fc.record(
    {
      id: fc.uuid(),
      producer: fc.uuid(),
      acknowledged: fc.nat(),
      events: fc.array(events, { maxLength: 10 }),
    },
    { noNullPrototype: true },
  );

  // Not toStrictEqual: it takes a property named `constructor` for the object's own.
  test('in the process', () => {
    fc.assert(
      fc.property(batches, (batch) => {
        expect(isDeepStrictEqual(decodeBatch(encodeBatch(batch)), batch)).toBe(true);
      }),
    );
  });

  test('through JSON', () => {
    fc.assert(
      fc.property(batches, (batch) => {
        expect(isDeepStrictEqual(decodeBatch(throughJson(encodeBatch(batch))), batch)).toBe(true);
      }),
    );
  });

  test('with a property named __proto__', () => {
    const properties = '{"__proto__":{"a":1},"constructor":2}';
    const batch = { ...head, events: [{ ...event, properties: JSON.parse(properties) }] };
    const [decoded] = decodeBatch(throughJson(encodeBatch(batch))).events;
    expect(JSON.stringify(decoded?.properties)).toBe(properties);
  });

  test('without events', () => {
    expect(decodeBatch(encodeBatch({ ...head, events: [] }))).toStrictEqual({ ...head, events: [] });
  });
});

function refusalOf(payload: unknown): UnknownPayload {
  try {
    decodeBatch(payload);
  } catch (cause) {
    if (cause instanceof UnknownPayload) return cause;
    throw cause;
  }
  throw new Error('the payload was decoded');
}

describe('a payload of another version', () => {
  test.each([batchVersion + 1, batchVersion + 2, 2_147_483_647])(
    '%d is unknown, and its version is told',
    (version) => {
      const refusal = refusalOf({ ...payloadV1, version });
      expect(refusal.version).toBe(version);
      expect(refusal.message).toContain(`version ${version}`);
    },
  );

  test('is unknown whatever its events look like', () => {
    const { events: _, ...envelope } = payloadV1;
    expect(refusalOf({ ...envelope, version: 3, packed: 'AAAA' }).version).toBe(3);
  });
});

describe('a payload with an event of an unknown type', () => {
  const withTypes = (...types: unknown[]) => ({
    ...payloadV1,
    count: types.length,
    events: types.map((eventType) => ({ ...payloadV1.events[0], eventType })),
  });

  test.each([
    ['that a newer version may have', withTypes('CLICK', 'HOVER'), 'unknown-type'],
    [
      'whatever else is new in that event',
      { ...withTypes('HOVER'), events: [{ eventType: 'HOVER', at: [1, 2] }] },
      'unknown-type',
    ],
    ['of Object.prototype', withTypes('toString'), 'undecodable'],
    ['in lower case', withTypes('hover'), 'undecodable'],
    ['that is no text', withTypes(7), 'undecodable'],
    ['as long as no name is', withTypes('H'.repeat(65)), 'undecodable'],
    [
      'in another place',
      { ...payloadV1, events: [{ ...payloadV1.events[0], userId: 'HOVER' }] },
      'undecodable',
    ],
  ])('%s', (_, payload, code) => {
    expect(refusalOf(payload).code).toBe(code);
  });
});

describe('a payload without a batch’s envelope is unknown, and so is its version:', () => {
  const without = (name: string) =>
    Object.fromEntries(Object.entries(payloadV1).filter(([key]) => key !== name));

  test.each<{ name: string; payload: unknown }>([
    { name: 'undefined', payload: undefined },
    { name: 'null', payload: null },
    { name: 'a text', payload: JSON.stringify(payloadV1) },
    { name: 'a number', payload: 1 },
    { name: 'an array', payload: [payloadV1] },
    { name: 'an empty object', payload: {} },
    { name: 'no version', payload: without('version') },
    { name: 'version 0', payload: { ...payloadV1, version: 0 } },
    { name: 'version 1.5', payload: { ...payloadV1, version: 1.5 } },
    { name: 'a version as text', payload: { ...payloadV1, version: '1' } },
  ])('$name', ({ payload }) => {
    expect(refusalOf(payload).version).toBeUndefined();
  });

  test.each<{ name: string; payload: unknown }>([
    { name: 'no id', payload: without('id') },
    { name: 'an id that is no UUID', payload: { ...payloadV1, id: 'x' } },
    { name: 'no producer', payload: without('producer') },
    { name: 'a producer that is no UUID', payload: { ...payloadV1, producer: 'api-1' } },
    { name: 'no acknowledged count', payload: without('acknowledged') },
    { name: 'a negative acknowledged count', payload: { ...payloadV1, acknowledged: -1 } },
    { name: 'half an acknowledged event', payload: { ...payloadV1, acknowledged: 0.5 } },
    { name: 'no count', payload: without('count') },
    { name: 'a negative count', payload: { ...payloadV1, count: -1, events: [] } },
    { name: 'a count as text', payload: { ...payloadV1, count: '2' } },
  ])('$name', ({ payload }) => {
    expect(refusalOf(payload).message).toMatch(/^no batch: /);
  });
});

describe('a payload of version 1 whose events are broken is unknown, though its version is told:', () => {
  const withEvent = (change: object) => ({
    ...payloadV1,
    count: 1,
    events: [{ ...payloadV1.events[1], ...change }],
  });

  test.each<{ name: string; payload: unknown }>([
    { name: 'fewer events than announced', payload: { ...payloadV1, events: payloadV1.events.slice(1) } },
    { name: 'more events than announced', payload: { ...payloadV1, count: 1 } },
    { name: 'events where none are announced', payload: { ...payloadV1, count: 0 } },
    { name: 'no events', payload: { ...payloadV1, events: undefined } },
    { name: 'events that are no array', payload: { ...payloadV1, events: { 0: payloadV1.events[0] } } },
    { name: 'null among the events', payload: { ...payloadV1, events: [payloadV1.events[0], null] } },
    { name: 'no event id', payload: withEvent({ eventId: undefined }) },
    { name: 'an event id that is no UUID', payload: withEvent({ eventId: 'x' }) },
    { name: 'an unknown event type', payload: withEvent({ eventType: 'HOVER' }) },
    { name: 'an event type of Object.prototype', payload: withEvent({ eventType: 'toString' }) },
    { name: 'an event type in lower case', payload: withEvent({ eventType: 'click' }) },
    { name: 'a client id that is no boolean', payload: withEvent({ clientId: 'true' }) },
    { name: 'a user id as text', payload: withEvent({ userId: '1' }) },
    { name: 'a user id of null', payload: withEvent({ userId: null }) },
    { name: 'a user id beyond 2^53 - 1', payload: withEvent({ userId: 2 ** 53 }) },
    { name: 'no session id', payload: withEvent({ sessionId: undefined }) },
    { name: 'no component id', payload: withEvent({ componentId: undefined }) },
    { name: 'half a component id', payload: withEvent({ componentId: 0.5 }) },
    { name: 'an element id that is a number', payload: withEvent({ elementId: 1 }) },
    { name: 'a keyword of null', payload: withEvent({ keyword: null }) },
    { name: 'a post id as text', payload: withEvent({ postId: '7' }) },
    { name: 'properties as text', payload: withEvent({ properties: '{}' }) },
    { name: 'a time as text', payload: withEvent({ occurredAt: '2026-11-22T10:34:00Z' }) },
    { name: 'no time of receipt', payload: withEvent({ receivedAt: undefined }) },
  ])('$name', ({ payload }) => {
    expect(refusalOf(payload).version).toBe(1);
  });

  test.each<{ name: string; properties: unknown }>([
    { name: 'null', properties: null },
    { name: 'an array', properties: [1] },
  ])('properties that are $name', ({ properties }) => {
    expect(refusalOf(withEvent({ properties })).version).toBe(1);
  });
});
