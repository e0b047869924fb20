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
