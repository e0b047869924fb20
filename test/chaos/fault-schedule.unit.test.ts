import { expect, test } from '@jest/globals';
import { type Fault, faultSchedule } from './fault-schedule.ts';

const halfAnHourMs = 30 * 60_000;

test('a seed names one schedule, another seed another', () => {
  expect(faultSchedule(1, 60_000)).toEqual(faultSchedule(1, 60_000));
  expect(faultSchedule(1, 60_000)).not.toEqual(faultSchedule(2, 60_000));
});

test('every fault is over before the run is', () => {
  for (const runMs of [20_000, 60_000, halfAnHourMs]) {
    const ends = faultSchedule(3, runMs).map((fault) => fault.atMs + fault.forMs);
    expect(Math.max(...ends)).toBeLessThan(runMs);
  }
});

test('a target has one fault at a time', () => {
  const byTarget = new Map<string, Fault[]>();
  for (const fault of faultSchedule(4, halfAnHourMs)) {
    for (const target of fault.targets) byTarget.set(target, [...(byTarget.get(target) ?? []), fault]);
  }
  for (const faults of byTarget.values()) {
    faults.slice(1).forEach((fault, at) => {
      expect(fault.atMs).toBeGreaterThan(faults[at]!.atMs + faults[at]!.forMs);
    });
  }
});

test('half an hour holds every kind of fault on every target that it can befall, hangs of more than 20 s too', () => {
  const faults = faultSchedule(5, halfAnHourMs);
  const kinds = new Set(faults.map(({ kind, targets }) => `${kind} ${targets.join('+')}`));
  for (const target of ['api 1', 'api 2', 'worker 1', 'worker 2']) {
    for (const kind of ['SIGKILL', 'SIGSTOP', 'SIGTERM']) expect(kinds).toContain(`${kind} ${target}`);
  }
  for (const target of [
    'redis',
    'viewsRedis',
    'postgres',
    'redis+postgres',
    'redis+viewsRedis',
    'redis+viewsRedis+postgres',
  ]) {
    for (const kind of ['SIGKILL', 'SIGSTOP']) expect(kinds).toContain(`${kind} ${target}`);
  }
  expect(kinds).toContain('join worker 3');
  expect(Math.max(...faults.map(({ forMs }) => forMs))).toBeGreaterThan(20_000);
});
