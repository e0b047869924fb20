import { expect, test } from '@jest/globals';
import { expectedOf, makeBacklog, toBatches } from '../kit/backlog-events.ts';
import { createScenario, type ScenarioEvent } from '../kit/scenario.ts';
import { scenarioNames } from '../kit/subjects.ts';

const count = 20_000;

function eventsOf(options: Parameters<typeof createScenario>[0]): ScenarioEvent[] {
  const next = createScenario(options);
  return Array.from({ length: count }, () => next());
}

const share = (events: readonly ScenarioEvent[], ...types: string[]) =>
  events.filter(({ eventType }) => types.includes(eventType)).length / events.length;

test.each(scenarioNames)('%s: the mix is that of the load scenario, the same in every run', (scenario) => {
  const events = eventsOf({ scenario });
  expect(share(events, 'LIKE', 'UNLIKE')).toBeCloseTo(0.4, 1.5);
  for (const type of ['SEARCH', 'CLICK', 'PAGE_VIEW']) expect(share(events, type)).toBeCloseTo(0.2, 1.5);
  expect(eventsOf({ scenario })).toEqual(events);
});

test.each(scenarioNames)('%s: without likes the others share alike', (scenario) => {
  const events = eventsOf({ scenario, likes: false });
  expect(share(events, 'LIKE', 'UNLIKE')).toBe(0);
  for (const type of ['SEARCH', 'CLICK', 'PAGE_VIEW']) expect(share(events, type)).toBeCloseTo(1 / 3, 1.5);
});

test('zipf has many subjects, a few of them often', () => {
  const keywords = eventsOf({ scenario: 'zipf' }).flatMap(({ metadata }) => metadata.keyword ?? []);
  const counts = new Map<string, number>();
  for (const keyword of keywords) counts.set(keyword, (counts.get(keyword) ?? 0) + 1);
  expect(counts.size).toBeGreaterThan(keywords.length / 3);
  expect(Math.max(...counts.values())).toBeGreaterThan(keywords.length / 20);
});

test('a backlog becomes batches of its size, received at its rate, and says what it will come to', () => {
  const backlog = makeBacklog({
    events: 1010,
    perBatch: 100,
    perSecond: 10,
    clientIds: 0.5,
    scenario: 'ten',
  });
  expect(backlog.map(({ length }) => length)).toEqual([...Array(10).fill(100), 10]);
  const events = backlog.flat();
  expect(events.filter(({ eventId }) => eventId !== undefined)).toHaveLength(505);
  expect(events.at(-1)!.at - events[0]!.at).toBe(100_900);

  const batches = toBatches(backlog);
  expect(batches.map(({ acknowledged }) => acknowledged).slice(0, 3)).toEqual([0, 100, 200]);
  expect(batches[3]!.events.map(({ eventType }) => eventType)).toEqual(
    backlog[3]!.map(({ eventType }) => eventType),
  );

  const views = events.filter(({ eventType }) => eventType === 'PAGE_VIEW').length;
  expect(expectedOf(backlog)).toEqual({ stored: 1010, added: 1010, pageViews: new Map([[1000, views]]) });
});
