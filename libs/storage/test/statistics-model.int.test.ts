import {
  type EventType,
  idSubject,
  type LiveWindow,
  liveWindows,
  strategies,
  subjectOf,
  type TrackedEvent,
  tieOrder,
} from '@event-tracker/domain';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { makePartitions } from '../src/index.ts';
import { anEvent } from './support/builders.ts';
import { clockAt, noon } from './support/clock.ts';
import { both, openTestStatistics, type TestStatistics } from './support/test-statistics.ts';

const minute = 60_000;
const hour = 60 * minute;
const clock = clockAt(noon);
let statistics: TestStatistics;

beforeAll(async () => {
  statistics = await openTestStatistics(clock.now);
});
afterAll(() => statistics.close());

/** Moments around an edge that readers are asked at; the data lie around them. */
const momentsAt = (edge: number) => [
  edge - 1,
  edge,
  edge + 59_999,
  edge + 37 * minute,
  edge + hour - 1,
  edge + hour,
];

const commitsAt = (edge: number) =>
  fc.array(fc.array(eventAround(edge), { minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 6 });

const eventAround = (edge: number): fc.Arbitrary<TrackedEvent> =>
  fc
    .record({
      eventType: fc.constantFrom<EventType>('CLICK', 'PAGE_VIEW', 'SEARCH', 'LIKE', 'UNLIKE'),
      id: fc.integer({ min: 1, max: 6 }),
      userId: fc.integer({ min: 1, max: 3 }),
      keyword: fc.constantFrom('cat', 'dog', '고양이', '🐈', '\ue000'),
      at: fc.oneof(
        fc.integer({ min: edge - 26 * hour, max: edge + 5 * minute }),
        fc.integer({ min: edge - 90 * minute, max: edge + 5 * minute }),
      ),
    })
    .map(({ eventType, id, userId, keyword, at }) =>
      anEvent({
        eventType,
        userId,
        occurredAt: at,
        ...(eventType === 'LIKE' || eventType === 'UNLIKE' ? { postId: id } : { componentId: id }),
        ...(eventType === 'SEARCH' ? { keyword } : {}),
      }),
    );

/** What counts, worked out plainly: of likes and unlikes those that changed what stood when their commit came. */
function counted(all: TrackedEvent[][]): TrackedEvent[] {
  const states = new Map<string, TrackedEvent>();
  const isLater = (a: TrackedEvent, b: TrackedEvent) =>
    a.occurredAt > b.occurredAt || (a.occurredAt === b.occurredAt && a.eventId > b.eventId);
  return all.flatMap((events) =>
    events
      .toSorted((a, b) => (isLater(a, b) ? 1 : -1))
      .filter((event) => {
        if (event.postId === undefined) return true;
        const pair = `${event.userId} ${event.postId}`;
        const state = states.get(pair);
        if (state && !isLater(event, state)) return false;
        states.set(pair, event);
        return (state?.eventType ?? 'UNLIKE') !== event.eventType;
      }),
  );
}

/** Net counts of a type by subject over the window that ends with the minute of `now`. */
function countsOf(
  events: TrackedEvent[],
  type: EventType,
  minutes: number,
  now: number,
): Map<string, number> {
  const end = now - (now % minute) + minute;
  const counts = new Map<string, number>();
  for (const event of events) {
    const sign = event.eventType === type ? 1 : event.eventType === strategies[type].lessType ? -1 : 0;
    if (sign === 0 || event.occurredAt >= end || event.occurredAt < end - minutes * minute) continue;
    counts.set(subjectOf(event), (counts.get(subjectOf(event)) ?? 0) + sign);
  }
  return counts;
}

const lengths = { '1m': 1, '5m': 5, '15m': 15, '1h': 60, '6h': 360, '24h': 1440 };
const types = Object.keys(strategies) as EventType[];

function rankingOf(counts: Map<string, number>, type: EventType) {
  const sign = tieOrder[strategies[type].subjectKind] === 'ascending' ? 1 : -1;
  return [...counts]
    .map(([subject, count]) => ({ subject, count }))
    .filter(({ count }) => count > 0)
    .sort(
      (a, b) => b.count - a.count || sign * Buffer.compare(Buffer.from(a.subject), Buffer.from(b.subject)),
    );
}

interface Question {
  type: EventType;
  window: LiveWindow;
  subject: string;
}

const questions: Question[] = types.flatMap((type) =>
  liveWindows.map((window) => ({
    type,
    window,
    subject: strategies[type].subjectKind === 'keyword' ? '고양이' : idSubject(3),
  })),
);

async function ask({ type, window, subject }: Question) {
  const [ranking, count] = await Promise.all([
    statistics.ranking(type, window),
    statistics.count(type, subject, window),
  ]);
  return { type, window, ranking, count };
}

function answerOf(events: TrackedEvent[], { type, window, subject }: Question, now: number) {
  const counts = countsOf(events, type, lengths[window], now);
  return { type, window, ranking: both(rankingOf(counts, type)), count: both(counts.get(subject) ?? 0) };
}

// Ahead of Redis's own clock, as `noon` is: no view may expire while the test runs.
test.each([
  { edge: 'an hour', at: noon, numRuns: 4 },
  { edge: 'a day', at: noon + 12 * hour, numRuns: 2 },
  { edge: 'a leap day', at: Date.UTC(2096, 1, 29), numRuns: 2 },
  { edge: 'a year', at: Date.UTC(new Date(noon).getUTCFullYear() + 2, 0, 1), numRuns: 2 },
])(
  'views and ledger answer every window around the edge of $edge as plain counting does',
  async ({ at, numRuns }) => {
    await makePartitions(statistics.ledger.pool, at - 27 * hour, at + hour);
    await fc.assert(
      fc.asyncProperty(commitsAt(at), async (all) => {
        await statistics.ledger.empty();
        await statistics.views.redis.flushall();
        await statistics.views.declareFresh();
        clock.at = at;
        for (const events of all) await statistics.add(events);
        const events = counted(all);
        for (const now of momentsAt(at)) {
          clock.at = now;
          const answers = await Promise.all(questions.map(ask));
          expect({ now, answers }).toEqual({
            now,
            answers: questions.map((question) => answerOf(events, question, now)),
          });
        }
      }),
      { numRuns },
    );
  },
);
