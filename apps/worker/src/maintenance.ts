import { type Logger, repeat } from '@event-tracker/runtime';
import {
  countClosedDays,
  type Pool,
  purge,
  type Reconciler,
  type ViewKeeper,
  withAdvisoryLock,
} from '@event-tracker/storage';
import type { Lifetimes } from './lifetimes.ts';

const minuteMs = 60_000;
const turnMs = 1000;

interface Chore {
  name: string;
  everyMs: number;
  work(): Promise<void>;
}

/**
 * What has to be done now and then, by one worker at a time. One chore after the other, so that they take two
 * connections at most.
 */
export function startMaintenance(deps: {
  pool: Pool;
  keeper: ViewKeeper;
  reconciler: Reconciler;
  lifetimes: Lifetimes;
  now: () => number;
  log: Logger;
}): { close(): Promise<void> } {
  const { pool, now, log } = deps;
  const chores = [countDays(deps), reconcileViews(deps), purgeOld(deps)].map((chore) => ({
    ...chore,
    dueAt: 0,
  }));
  let stopping = false;

  const stop = repeat(
    turnMs,
    async () => {
      for (const chore of chores) {
        if (stopping || now() < chore.dueAt) continue;
        chore.dueAt = now() + chore.everyMs;
        await withAdvisoryLock(pool, chore.name, 'skip', chore.work).catch((cause: unknown) =>
          log.warn({ err: cause, chore: chore.name }, 'could not be done; it is tried again when it is due'),
        );
      }
    },
    () => {},
  );
  return {
    close() {
      stopping = true;
      return stop();
    },
  };
}

function countDays({ pool }: { pool: Pool }): Chore {
  return {
    name: 'day counts',
    everyMs: 10 * minuteMs,
    async work() {
      await countClosedDays(pool);
    },
  };
}

function purgeOld({ pool, lifetimes, log }: { pool: Pool; lifetimes: Lifetimes; log: Logger }): Chore {
  return {
    name: 'purge',
    everyMs: 60 * minuteMs,
    async work() {
      const purged = await purge(pool, lifetimes);
      if (purged.eventKeys + purged.batches > 0) log.info(purged, 'removed what is past its life');
    },
  };
}

function reconcileViews(deps: { keeper: ViewKeeper; reconciler: Reconciler; log: Logger }): Chore {
  const { keeper, reconciler, log } = deps;
  let told = false;
  return {
    name: 'reconciliation',
    everyMs: minuteMs,
    async work() {
      const { compared, tooLow, tooHigh } = await reconciler.reconcile();
      if (tooLow > 0) log.debug({ compared, tooLow }, 'counts of the views were behind, and are merged');
      if (tooHigh > 0) {
        if (!told)
          log.error({ compared, tooHigh }, 'the views hold counts that are too high: making them anew');
        await keeper.rebuild(() => {});
      }
      told = tooHigh > 0;
    },
  };
}
