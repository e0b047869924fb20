/**
 * The process of a trial (see trial-process.ts): commits the jobs that its worker sends it, one at a time, and says how
 * each ended. What they change is added up by any worker. Signals are for the worker, which ends this process.
 */
import { type DeliveredJob, handleJob } from '@event-tracker/queue';
import { createLogger } from '@event-tracker/runtime';
import {
  createDeadLetterWriter,
  createLedger,
  createPool,
  isBatchCommitted,
  readShardCount,
} from '@event-tracker/storage';
import { withAgeLimit } from './age-limit.ts';
import { createBuryJob } from './bury-job.ts';
import { withRetries } from './commit-retries.ts';
import { loadConfig } from './config.ts';
import type { TrialMessage } from './trial-process.ts';

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
// Its worker is gone; whatever is under way is rolled back, and comes again.
process.on('disconnect', () => process.exit());

const config = loadConfig(process.env);
const now = Date.now;
const log = createLogger({ name: 'trial', level: config.LOG_LEVEL });
const pool = createPool({
  url: config.DATABASE_URL,
  applicationName: 'event-tracker-trial',
  // A commit, and a look for bad events beside it.
  max: 2,
  connectTimeoutMs: 2000,
  queryTimeoutMs: config.DATABASE_TIMEOUT_MS,
  onError: (cause) => log.debug({ err: cause }, 'a connection broke'),
});

const ledger = withRetries(createLedger({ pool, shards: await readShardCount(pool), now }), pool, {
  // The worker waits, not the trial.
  untilBack: (cause) => Promise.reject(cause),
  worked() {},
  close() {},
});
const handlers = {
  process: withAgeLimit({
    process: async (batch) => void (await ledger.commit([batch])),
    isCommitted: (batch) => isBatchCommitted(pool, batch.id),
    ageMaxMs: config.lifetimes.batchAgeMaxMs,
    now,
  }),
  bury: createBuryJob({ deadLetters: createDeadLetterWriter(pool), log }),
  quarantine: () => Promise.reject(new Error('it is in the quarantine already')),
};

const tell = (message: TrialMessage) => process.send?.(message);

process.on('message', (job: DeliveredJob) => {
  handleJob({ ...job, stalls: 0 }, handlers).then(
    (outcome) => tell({ outcome }),
    (cause: unknown) => tell({ failure: cause instanceof Error ? cause.message : String(cause) }),
  );
});
tell('ready');
