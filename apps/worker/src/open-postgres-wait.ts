import type { Logger, Running } from '@event-tracker/runtime';
import { askPostgres, createLedger, type Ledger, soundBatch } from '@event-tracker/storage';
import type { WorkerConfig } from './config.ts';
import type { WorkerStores } from './connect-stores.ts';
import { createPostgresWait, type PostgresWait } from './postgres-wait.ts';

/** Finds out whether PostgreSQL takes events, on the ledger that serves commits apart. The caller closes the wait. */
export function openPostgresWait(
  deps: Pick<Running<WorkerConfig>, 'log'> & { stores: WorkerStores; now: () => number },
): { ledgerApart: Ledger; postgresWait: PostgresWait } {
  const { log, stores, now } = deps;
  const ledgerApart = createLedger({ pool: stores.apartPool, now });
  const postgresWait = createPostgresWait({
    commitSound: () => ledgerApart.probe([soundBatch(now())]),
    ask: () => askPostgres(stores.apartPool),
    away: stores.postgresNote,
    refusing: createRefusalNote(log),
  });
  return { ledgerApart, postgresWait };
}

/** Nothing is stored until somebody has mended the database, which is no outage that ends by itself: logged as an error. */
function createRefusalNote(log: Logger) {
  let refuses = false;
  return {
    away(cause: unknown) {
      const level = refuses ? 'debug' : 'error';
      log[level](
        { err: cause },
        'PostgreSQL answers, and commits no event, not even one with nothing wrong in it',
      );
      refuses = true;
    },
    back() {
      if (refuses) log.info('PostgreSQL commits events again');
      refuses = false;
    },
  };
}
