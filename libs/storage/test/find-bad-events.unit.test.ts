import { randomUUID } from 'node:crypto';
import type { Batch, TrackedEvent } from '@event-tracker/domain';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import { findBadEvents } from '../src/postgres/dead-letters/find-bad-events.ts';
import { SoundEventsFail } from '../src/postgres/failure.ts';
import { aBatch, anEvent } from './support/builders.ts';

function failure(code: string): pg.DatabaseError {
  const cause = new pg.DatabaseError('no', 2, 'error');
  cause.code = code;
  return cause;
}

const isBad = ({ sessionId }: TrackedEvent) => sessionId === 'bad';
const failsBadOnes = async (batches: readonly Batch[]) => {
  if (batches.some((batch) => batch.events.some(isBad))) throw failure('22021');
};

test('exactly the bad events are found, wherever in whichever batches they are', async () => {
  const history = fc.array(fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(history, async (batches) => {
      const made = batches.map((bad) =>
        aBatch(bad.map((isOne) => anEvent({ sessionId: isOne ? 'bad' : 'good' }))),
      );
      const dead = await findBadEvents(failsBadOnes, made);
      expect([...dead.keys()]).toEqual(made.flatMap((batch) => batch.events.filter(isBad)));
      expect([...dead.values()].every(({ code }) => code === '22021')).toBe(true);
    }),
    { numRuns: 100 },
  );
});

test('one bad event among a thousand takes a few dozen probes', async () => {
  let probes = 0;
  const events = Array.from({ length: 1000 }, (_, at) => anEvent({ sessionId: at === 700 ? 'bad' : 'good' }));
  await findBadEvents(
    (batches) => {
      probes += 1;
      return failsBadOnes(batches);
    },
    [aBatch(events)],
  );
  expect(probes).toBeLessThan(30);
});

test('where a sound event would fail, too, none is blamed', async () => {
  const fails = () => Promise.reject(failure('22003'));
  await expect(findBadEvents(fails, [aBatch([anEvent({}), anEvent({})])])).rejects.toThrow(SoundEventsFail);
});

test('what is not the fault of the data ends the search', async () => {
  const away = async () => {
    throw failure('57P01');
  };
  await expect(findBadEvents(away, [aBatch([anEvent({})])])).rejects.toMatchObject({ code: '57P01' });
});

test('events of which only several together fail are not blamed one by one', async () => {
  const failsTogether = async (batches: readonly Batch[]) => {
    if (batches.flatMap((batch) => batch.events).length > 1) throw failure('22003');
  };
  const batches = [aBatch([anEvent({ eventId: randomUUID() }), anEvent({ eventId: randomUUID() })])];
  expect(await findBadEvents(failsTogether, batches)).toEqual(new Map());
});

const blamesAll = { blames: ['data', 'too-much', 'other'] } as const;

test.each(['57014', '53200', 'XX001', 'P0001'])(
  'an event that fails with %s is blamed where that is asked for, and ends the search elsewhere',
  async (code) => {
    const probe = async (batches: readonly Batch[]) => {
      if (batches.some((batch) => batch.events.some(isBad))) throw failure(code);
    };
    const events = Array.from({ length: 9 }, (_, at) => anEvent({ sessionId: at === 4 ? 'bad' : 'good' }));
    const found = await findBadEvents(probe, [aBatch(events)], blamesAll);
    expect([...found]).toEqual([[events[4], { code, reason: 'no' }]]);
    await expect(findBadEvents(probe, [aBatch(events)])).rejects.toMatchObject({ code });
  },
);

test('an event that was slow once, and is not when it is tried again, is not blamed', async () => {
  let slowOnce = true;
  const events = [anEvent({}), anEvent({ sessionId: 'bad' })];
  const probe = async (batches: readonly Batch[]) => {
    const alone = batches.flatMap((batch) => batch.events);
    if (!alone.some(isBad) || (alone.length === 1 && !slowOnce)) return;
    if (alone.length === 1) slowOnce = false;
    throw failure('57014');
  };
  expect(await findBadEvents(probe, [aBatch(events)], blamesAll)).toEqual(new Map());
});

test.each(['55P03', '40P01', '57P01', '53300'])('what others do (%s) blames no event', async (code) => {
  const probe = () => Promise.reject(failure(code));
  await expect(findBadEvents(probe, [aBatch([anEvent({})])], blamesAll)).rejects.toMatchObject({ code });
});

test('a search that is ended keeps what it has found', async () => {
  const events = Array.from({ length: 64 }, () => anEvent({ sessionId: 'bad' }));
  const found = await findBadEvents(failsBadOnes, [aBatch(events)], { isOver: (found) => found > 0 });
  expect([...found.keys()]).toEqual([events[0]]);
});

test('a batch without events is blamed on none', async () => {
  expect(await findBadEvents(() => Promise.reject(failure('22003')), [aBatch([])])).toEqual(new Map());
});
