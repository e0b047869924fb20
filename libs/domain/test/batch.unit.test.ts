import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type Batch,
  describeEvents,
  type EventType,
  eventTypes,
  type TrackedEvent,
  withoutRepeats,
} from '../src/index.ts';

const first = '0198c0de-0000-7000-8000-000000000001';
const second = '0198c0de-0000-7000-8000-000000000002';

function event(change: Partial<TrackedEvent> = {}): TrackedEvent {
  return {
    eventId: first,
    clientId: true,
    eventType: 'CLICK',
    sessionId: 's-1',
    componentId: 1002,
    occurredAt: 1000,
    receivedAt: 1000,
    ...change,
  };
}

function batch(...events: TrackedEvent[]): Batch {
  return { id: second, producer: first, acknowledged: 0, events };
}

describe('among events with the same id of a client', () => {
  test('the first of a batch stays, whatever the others hold', () => {
    const stays = event({ occurredAt: 2000 });
    const earlier = event({ occurredAt: 1000 });
    const otherType = event({ eventType: 'SEARCH', keyword: 'cat' });
    const kept = withoutRepeats([batch(stays, earlier, otherType)]);
    expect(kept).toHaveLength(1);
    expect(kept[0]).toBe(stays);
  });

  test('that of the first batch stays', () => {
    const stays = event({ occurredAt: 2000 });
    const other = event({ eventId: second });
    const kept = withoutRepeats([batch(other), batch(stays), batch(event({ occurredAt: 1000 }), other)]);
    expect(kept).toHaveLength(2);
    expect(kept[0]).toBe(other);
    expect(kept[1]).toBe(stays);
  });
});

test('events with ids that the server made all stay', () => {
  const made = [event({ clientId: false }), event({ clientId: false, eventId: second })];
  expect(withoutRepeats([batch(...made), batch(event({ clientId: false }))])).toEqual([
    ...made,
    event({ clientId: false }),
  ]);
});

test('no batches hold no events', () => {
  expect(withoutRepeats([])).toEqual([]);
  expect(withoutRepeats([batch(), batch()])).toEqual([]);
});

test('what stays is each id once, in the order it came', () => {
  const events = fc.array(
    fc
      .record({
        eventId: fc.constantFrom(first, second, 'c', 'd'),
        occurredAt: fc.nat(),
        clientId: fc.boolean(),
      })
      .map(event),
  );
  fc.assert(
    fc.property(fc.array(events), (groups) => {
      const all = groups.flat();
      const expected = all.filter(
        (one, i) =>
          !one.clientId || all.findIndex((other) => other.clientId && other.eventId === one.eventId) === i,
      );
      expect(withoutRepeats(groups.map((group) => batch(...group)))).toEqual(expected);
    }),
  );
});

describe('a batch is described by its number of events and its types, most frequent first', () => {
  const ofTypes = (types: EventType[]) => types.map((eventType) => event({ eventType }));

  test.each<{ types: EventType[]; description: string }>([
    { types: ['CLICK'], description: '1 event: 1 CLICK' },
    { types: ['CLICK', 'CLICK'], description: '2 events: 2 CLICK' },
    { types: ['CLICK', 'LIKE', 'LIKE'], description: '3 events: 2 LIKE, 1 CLICK' },
    {
      types: ['CLICK', ...Array<EventType>(10).fill('SEARCH'), 'LIKE', 'LIKE'],
      description: '13 events: 10 SEARCH, 2 LIKE, 1 CLICK',
    },
  ])('$description', ({ types, description }) => {
    expect(describeEvents(ofTypes(types))).toBe(description);
  });

  test('so that the parts sum up to the whole', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...eventTypes), { minLength: 1 }), (types) => {
        const numbers = [...describeEvents(ofTypes(types)).matchAll(/\d+/g)].map(Number);
        const [total, ...parts] = numbers;
        expect(total).toBe(types.length);
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(types.length);
        expect(parts).toEqual(parts.toSorted((a, b) => b - a));
      }),
    );
  });
});
