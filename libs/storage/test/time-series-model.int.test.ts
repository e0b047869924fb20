import {
  bucketStart,
  type EventType,
  type Grain,
  grains,
  idSubject,
  seriesPoints,
  seriesSpan,
  strategies,
  subjectOf,
  type TrackedEvent,
  tieOrder,
  windowSpans,
} from '@event-tracker/domain';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createStatisticsReader, makePartitions, type StatisticsReader } from '../src/index.ts';
import { aBatch, anEvent } from './support/builders.ts';
import { openTestLedger, type TestLedger } from './support/test-ledger.ts';

const { minute, hour, day } = grains;
/** The next year begins here: the edge of a minute, an hour, a day and a year. */
const newYear = Date.UTC(new Date().getUTCFullYear() + 1, 0, 1);
let store: TestLedger;
let reader: StatisticsReader;

beforeAll(async () => {
  store = await openTestLedger();
  reader = createStatisticsReader(store.pool);
  await makePartitions(store.pool, newYear - 4 * day, newYear + 4 * day);
});
afterAll(() => store.close());

/** Around the edges, and at the very edges. */
const anyMoment = fc.oneof(
  fc
    .tuple(fc.constantFrom(0, minute, hour, day, -hour, -day), fc.constantFrom(-1, 0, 1))
    .map(([edge, off]) => newYear + edge + off),
  fc.integer({ min: newYear - 3 * day, max: newYear + 3 * day }),
  fc.integer({ min: newYear - 90 * minute, max: newYear + 90 * minute }),
);

const anyEvent: fc.Arbitrary<TrackedEvent> = fc
  .record({
    eventType: fc.constantFrom<EventType>('CLICK', 'PAGE_VIEW', 'SEARCH'),
    componentId: fc.integer({ min: 1, max: 3 }),
    postId: fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined }),
    keyword: fc.constantFrom('cat', 'e\u0301te\u0301'.normalize('NFC'), '고양이', '👩‍👩‍👧', 'שלום', '\ue000'),
    occurredAt: anyMoment,
  })
  .map(({ keyword, postId, ...fields }) =>
    anEvent({
      ...fields,
      ...(postId !== undefined && { postId }),
      ...(fields.eventType === 'SEARCH' && { keyword }),
    }),
  );

type Filter = { componentId?: number; keyword?: string; postId?: number };
const matches = (event: TrackedEvent, type: EventType, filter: Filter) =>
  event.eventType === type &&
  Object.entries(filter).every(([name, value]) => event[name as keyof Filter] === value);

function plainPoints(events: readonly TrackedEvent[], grain: Grain, from: number, to: number) {
  const points = [];
  for (let at = bucketStart(from, grain); at < bucketStart(to, grain); at += grains[grain])
    points.push({
      at,
      count: events.filter((one) => one.occurredAt >= at && one.occurredAt < at + grains[grain]).length,
    });
  return points;
}

const ranges: [Grain, number, number][] = [
  ['minute', newYear - 30 * minute - 1, newYear + 30 * minute + 1],
  ['hour', newYear - 40 * hour + 1, newYear + 40 * hour],
  ['day', newYear - 4 * day, newYear + 4 * day],
];
const filters: [EventType, Filter][] = [
  ['CLICK', { componentId: 1, postId: 1 }],
  ['CLICK', { postId: 2 }],
  ['SEARCH', { componentId: 2 }],
  ['SEARCH', { keyword: '고양이', componentId: 1 }],
];

test('series by every grain, and counts and rankings of all time, are what plain counting says around a new year', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(anyEvent, { minLength: 1, maxLength: 60 }), { minLength: 1, maxLength: 4 }),
      async (commits) => {
        await store.empty();
        for (const events of commits) await store.commitAndFold([aBatch(events)]);
        const events = commits.flat();
        for (const [grain, from, to] of ranges) {
          const span = seriesSpan(from, to, grain);
          for (const type of ['CLICK', 'PAGE_VIEW', 'SEARCH'] as const) {
            const ofType = events.filter(({ eventType }) => eventType === type);
            expect(seriesPoints(span, await reader.seriesOfSubject(type, undefined, span))).toEqual(
              plainPoints(ofType, grain, from, to),
            );
            const subject = type === 'SEARCH' ? 'שלום' : idSubject(2);
            const ofSubject = ofType.filter((event) => subjectOf(event) === subject);
            expect(seriesPoints(span, await reader.seriesOfSubject(type, subject, span))).toEqual(
              plainPoints(ofSubject, grain, from, to),
            );
          }
          for (const [type, filter] of filters) {
            const matching = events.filter((event) => matches(event, type, filter));
            expect(seriesPoints(span, await reader.seriesFiltered(type, filter, span))).toEqual(
              plainPoints(matching, grain, from, to),
            );
          }
        }
        for (const now of [
          newYear - 1,
          newYear,
          newYear + 59_999,
          newYear + hour - 1,
          newYear + day,
          newYear + 3 * day,
        ]) {
          const spans = windowSpans('all', now);
          const past = events.filter(({ occurredAt }) => occurredAt < bucketStart(now, 'minute') + minute);
          for (const type of ['CLICK', 'SEARCH'] as const) {
            const counts = new Map<string, number>();
            for (const event of past.filter(({ eventType }) => eventType === type))
              counts.set(subjectOf(event), (counts.get(subjectOf(event)) ?? 0) + 1);
            expect(tieOrder[strategies[type].subjectKind]).toBe('ascending');
            const ranked = [...counts]
              .map(([subject, count]) => ({ subject, count }))
              .sort(
                (a, b) => b.count - a.count || Buffer.compare(Buffer.from(a.subject), Buffer.from(b.subject)),
              );
            expect(await reader.ranking(type, spans, 100)).toEqual(ranked);
            for (const { subject, count } of ranked)
              expect(await reader.countOfSubject(type, subject, spans)).toBe(count);
          }
        }
      },
    ),
    { numRuns: 5 },
  );
});
