/**
 * The process of a trial (see trial-process.ts): commits the jobs that its worker sends it, one at a time, and says how
 * each ended. What they change is added up by any worker. Signals are for the worker, which ends this process.
 */
import { handleJob, type JobHandlers } from '@event-tracker/queue';
import { createLogger } from '@event-tracker/runtime';
import {
  askPostgres,
  createDeadLetterWriter,
  createLedger,
  createPool,
  isBatchCommitted,
  type Ledger,
  type Pool,
  soundBatch,
} from '@event-tracker/storage';
import { withAgeLimit } from './age-limit.ts';
import { createBuryJob } from './bury-job.ts';
import { createLoneCommit, SearchUnended } from './commit-alone.ts';
import { makeMissingPartitions, withRetries } from './commit-retries.ts';
import { loadConfig } from './config.ts';
import { createPostgresWait, type PostgresWait } from './postgres-wait.ts';
import type { TrialMessage, TrialRequest } from './trial-process.ts';

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
// Its worker is gone; whatever is under way is rolled back, and comes again.
process.on('disconnect', () => process.exit());

const config = loadConfig(process.env);
const now = Date.now;
const log = createLogger({ name: 'trial', level: config.LOG_LEVEL });
const noteOf = (what: string) => ({
  away: (cause: unknown) => log.debug({ err: cause }, what),
  back() {},
});

const openPool = (queryTimeoutMs: number) =>
  createPool({
    url: config.DATABASE_URL,
    applicationName: 'event-tracker-trial',
    max: 1,
    connectTimeoutMs: 2000,
    queryTimeoutMs,
    onError: (cause) => log.debug({ err: cause }, 'a connection broke'),
  });
const [pool, quickPool] = [openPool(config.DATABASE_TIMEOUT_MS), openPool(config.apartTimeoutMs)];

const say = (message: TrialMessage) => process.send?.(message);

/** A ledger of which each step says that this process is at work. */
function ledgerOn(pool: Pool): Ledger {
  const ledger = createLedger({ pool, now });
  return {
    commit(...args) {
      say('at work');
      return ledger.commit(...args);
    },
    probe(batches) {
      say('at work');
      return ledger.probe(batches);
    },
  };
}
const [ledger, quickLedger] = [ledgerOn(pool), ledgerOn(quickPool)];
const wait: PostgresWait = {
  ...createPostgresWait({
    commitSound: () => quickLedger.probe([soundBatch(now())]),
    ask: () => askPostgres(quickPool),
    away: noteOf('PostgreSQL is away'),
    refusing: noteOf('PostgreSQL answers, and commits no event'),
  }),
  // The worker waits, not the trial.
  untilBack: (cause) => Promise.reject(cause),
};

const commitAlone = createLoneCommit({
  quick: withRetries(quickLedger, quickPool, wait),
  patient: withRetries(ledger, pool, wait),
  probe: quickLedger.probe,
  makePartitions: (batch) => makeMissingPartitions(pool, [batch]),
  searchLimitMs: config.TRIAL_TIMEOUT_MS,
  now: () => performance.now(),
  onBad: (batch, bad) =>
    log.error(
      { batch: batch.id, events: bad.size, why: bad.values().next().value },
      'events of a batch that was tried alone went to the dead letters',
    ),
});

function handlersOf({ bad }: TrialRequest): JobHandlers {
  return {
    process: withAgeLimit({
      process: (batch) => commitAlone(batch, bad),
      isCommitted: (batch) => isBatchCommitted(pool, batch.id),
      ageMaxMs: config.lifetimes.batchAgeMaxMs,
      now,
    }),
    bury: createBuryJob({ deadLetters: createDeadLetterWriter(pool), log }),
    quarantine: () => Promise.reject(new Error('it is in the quarantine already')),
  };
}

process.on('message', (request: TrialRequest) => {
  handleJob({ ...request.job, stalls: 0 }, handlersOf(request)).then(
    (outcome) => say({ outcome }),
    (cause: unknown) => {
      if (cause instanceof SearchUnended) say({ outcome: { bad: cause.bad } });
      else say({ failure: cause instanceof Error ? cause.message : String(cause) });
    },
  );
});
say('ready');
