import { eventTypes } from '@event-tracker/domain';
import type { LaneMeasure, LaneName, RedisMemory } from '@event-tracker/queue';
import { describe, expect, test } from '@jest/globals';
import { createBackPressure, type Gauge } from '../src/ingest/back-pressure.ts';

const marks = {
  depth: { shed: 800, max: 1000 },
  age: { shed: 60, max: 100 },
  memory: { shed: 80, max: 95 },
  spill: { shed: 80, max: 100 },
};

function start() {
  const fast: LaneMeasure = { waiting: 0, oldestSeconds: 0 };
  const durable: LaneMeasure = { waiting: 0, oldestSeconds: 0 };
  const fold: LaneMeasure = { waiting: 0, oldestSeconds: 0 };
  const state: { added: number; memory: RedisMemory | undefined } = { added: 0, memory: undefined };
  const watch = {
    depth: () => fast.waiting + durable.waiting + fold.waiting + state.added,
    lastKnown: (lane: LaneName) => ({ fast, durable, fold })[lane],
    redisMemory: () => state.memory,
  };
  const pressure = createBackPressure({ watch, marks });
  const set: Record<Gauge, (value: number) => void> = {
    depth: (value) => {
      fast.waiting = value;
    },
    age: (value) => {
      fast.oldestSeconds = value;
    },
    memory: (value) => {
      state.memory = { usedBytes: value, maxBytes: 100 };
    },
    spill: (value) => {
      durable.waiting = value;
    },
  };
  return { pressure, set, state, durable, fold };
}

describe.each([
  { gauge: 'depth', below: 799, shed: 800, slack: 720, reopened: 719, max: 1000, slackOfMax: 900, less: 899 },
  { gauge: 'age', below: 59, shed: 60, slack: 54, reopened: 53, max: 100, slackOfMax: 90, less: 89 },
  { gauge: 'memory', below: 79, shed: 80, slack: 72, reopened: 71, max: 95, slackOfMax: 86, less: 85 },
  { gauge: 'spill', below: 79, shed: 80, slack: 72, reopened: 71, max: 100, slackOfMax: 90, less: 89 },
] as const)('$gauge', ({ gauge, below, shed, slack, reopened, max, slackOfMax, less }) => {
  test('rises at each mark, and falls once it is a tenth below', () => {
    const { pressure, set } = start();
    const levels = [below, shed, slack, reopened, slack, max, slackOfMax, less, slack, reopened].map(
      (value) => {
        set[gauge](value);
        return pressure.level();
      },
    );
    expect(levels).toEqual([
      'open',
      'shedding',
      'shedding',
      'open',
      'open',
      'closed',
      'closed',
      'shedding',
      'shedding',
      'open',
    ]);
  });

  test('is told apart from the others', () => {
    const { pressure, set } = start();
    set[gauge](shed);
    expect(pressure.levelOf(gauge)).toBe('shedding');
    for (const other of (['depth', 'age', 'memory', 'spill'] as const).filter((name) => name !== gauge))
      expect(pressure.levelOf(other)).toBe('open');
  });
});

test('what is refused first is clicks and page views; then everything', () => {
  const { pressure, set } = start();
  const admitted = () => eventTypes.filter(pressure.admission());
  expect(admitted()).toEqual(eventTypes);
  set.depth(800);
  expect(admitted()).toEqual(['SEARCH', 'LIKE', 'UNLIKE']);
  set.depth(1000);
  expect(admitted()).toEqual([]);
});

test('what was added since the last measurement counts, and leaves no trace', () => {
  const { pressure, set, state } = start();
  set.depth(750);
  state.added = 50;
  expect(pressure.level()).toBe('shedding');
  state.added = 250;
  expect(pressure.level()).toBe('closed');
  state.added = 0;
  expect(pressure.level()).toBe('open');
});

test('the highest gauge decides', () => {
  const { pressure, set } = start();
  set.depth(800);
  set.spill(100);
  expect(pressure.level()).toBe('closed');
  set.spill(0);
  expect(pressure.level()).toBe('shedding');
});

test('the older of both lanes is the age', () => {
  const { pressure, durable } = start();
  durable.oldestSeconds = 60;
  expect(pressure.levelOf('age')).toBe('shedding');
});

test('a Redis that is full or away, or has no limit, refuses nobody: its lane is not used then', () => {
  const { pressure, set, state } = start();
  set.memory(99);
  expect(pressure.level()).toBe('open');
  state.memory = { usedBytes: 1e12, maxBytes: 0 };
  expect(pressure.level()).toBe('open');
  state.memory = undefined;
  expect(pressure.level()).toBe('open');
});

test('what is committed and waits to be added up counts as what waits on a lane, and is no spill', () => {
  const { pressure, fold } = start();
  fold.waiting = 799;
  expect(pressure.level()).toBe('open');
  fold.waiting = 800;
  expect([pressure.levelOf('depth'), pressure.levelOf('spill')]).toEqual(['shedding', 'open']);
  fold.waiting = 0;
  fold.oldestSeconds = 60;
  expect([pressure.levelOf('depth'), pressure.levelOf('age')]).toEqual(['open', 'shedding']);
});
