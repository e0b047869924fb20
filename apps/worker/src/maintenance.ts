import { type Chore, startSchedule } from '@event-tracker/queue';
import type { Logger } from '@event-tracker/runtime';
import {
  countClosedDays,
  keepPartitions,
  type Pool,
  purge,
  type Reconciler,
  retire,
  type ViewKeeper,
  withAdvisoryLock,
} from '@event-tracker/storage';
import type { Lifetimes } from './lifetimes.ts';

/** Counting a day reads it whole: once in ten minutes as much as takes about a second, or the one day that is larger. */
const rowsCountedAtOnceMax = 2_000_000;

interface MaintenanceDeps {
  pool: Pool;
  queryTimeoutMs: number;
  keeper: ViewKeeper;
  reconciler: Reconciler;
  lifetimes: Lifetimes;
  now: () => number;
  log: Logger;
  /** PostgreSQL could not be asked what is due. */
  onAway(cause: unknown): void;
}

/**
 * What has to be done now and then, on pg-boss's schedule. The lock keeps a chore that takes longer than its interval, or
 * that every worker asks for at its start, from being done by two at once.
 */
export function startMaintenance(deps: MaintenanceDeps): { close(): Promise<void> } {
  const { pool, queryTimeoutMs, log, onAway } = deps;
  const chores = [
    makePartitions(deps),
    countDays(deps),
    reconcileViews(deps),
    purgeOld(deps),
    retireOld(deps),
  ];
  return startSchedule({
    pool,
    queryTimeoutMs,
    chores: chores.map((chore) => ({
      ...chore,
      // A name of the chore's own: what it does may take a lock, too, and on another connection would wait for this one.
      work: () => withAdvisoryLock(pool, `chore ${chore.name}`, 'skip', chore.work),
    })),
    onError(cause, chore) {
      if (chore === undefined) onAway(cause);
      else log.warn({ err: cause, chore }, 'could not be done; it is tried again when it is due');
    },
  });
}

function makePartitions({ pool, now }: MaintenanceDeps): Chore {
  // Two days are made ahead, so a day of failures is survived; beyond that the commit makes what it misses.
  return { name: 'partitions', cron: '7 * * * *', work: () => keepPartitions(pool, now()) };
}

function countDays({ pool }: MaintenanceDeps): Chore {
  return {
    name: 'day-counts',
    cron: '*/10 * * * *',
    async work() {
      await countClosedDays(pool, { rowsMax: rowsCountedAtOnceMax });
    },
  };
}

function purgeOld({ pool, lifetimes, log }: MaintenanceDeps): Chore {
  return {
    name: 'purge',
    cron: '17 * * * *',
    async work() {
      const purged = await purge(pool, lifetimes);
      if (purged.eventKeys + purged.batches > 0) log.info(purged, 'removed what is past its life');
    },
  };
}

function retireOld({ pool, lifetimes, log }: MaintenanceDeps): Chore {
  return {
    name: 'retention',
    cron: '27 * * * *',
    async work() {
      const retired = await retire(pool, lifetimes.retention);
      if (retired.partitions + retired.counts > 0) log.info(retired, 'removed what is past its retention');
    },
  };
}

function reconcileViews({ keeper, reconciler, log }: MaintenanceDeps): Chore {
  let told = false;
  return {
    name: 'reconciliation',
    cron: '* * * * *',
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
