import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { type Consumer, longestPauseMs, type Settled, startBullWorker, TryLater } from './bull-worker.ts';
import { buriedJob, type DeliveredJob, type JobHandlers } from './handle-job.ts';
import { quarantineName } from './names.ts';

const badEvent = z.object({ at: z.int().nonnegative(), code: z.string(), reason: z.string() });

/** An event that can't be committed: its place in its batch, a code, and why. */
export type BadEvent = z.infer<typeof badEvent>;

/**
 * How a trial ended. `died`: the process that tried the job, and nothing else, was lost over it. `bad`: the events that are
 * known to be bad so far, where the search for them took too long to be ended in one trial.
 */
export type TrialOutcome = 'done' | 'later' | { died: string } | { bad: BadEvent[] };

/** So many processes that are lost over one job condemn it. One could have been killed by anybody. */
const deathsMax = 3;

export interface QuarantineConsumerOptions extends Pick<JobHandlers, 'bury'> {
  /** Waits for Redis to come back. Closed by whoever made it. */
  redis: Redis;
  /**
   * Tries a job in a process that holds nothing else, without the events that are known to be bad. Rejects when the job
   * must come again for another reason.
   */
  tryOut(job: DeliveredJob, bad: readonly BadEvent[]): Promise<TrialOutcome>;
  /** The longest that `tryOut` takes, in milliseconds. */
  trialLimitMs: number;
  /** Names this run of both stores: another name means that one was started anew. Rejects while one does not answer. */
  storesRun(): Promise<string>;
  onError(cause: unknown): void;
}

/**
 * What is known of a job's trials, kept as its progress. A trial is `open` from its begin until whoever holds the job
 * says how it ended; one that stays open means that the holder was lost, too.
 */
const trialRecord = z.object({
  deaths: z.int().nonnegative().default(0),
  open: z.object({ storesRun: z.string(), suspected: z.boolean() }).optional(),
  bad: z.array(badEvent).default([]),
});
type TrialRecord = z.infer<typeof trialRecord>;

/** A trial that fails is followed by a pause so many times as long: a job keeps a connection for a tenth of the time. */
const pausePerTrial = 9;

/**
 * Takes one job at a time and tries it. Only a process that is lost over a job while both stores are up, from the begin
 * of the trial to its end, counts against it; an outage or any other failure gives it another trial.
 *
 *   waits ──taken──▶ open ──process lost, stores up──▶ one death more ──under the limit──▶ waits
 *     ▲               │                                        └──at the limit──▶ dead letters
 *     └───failed──────┴──committed──▶ done
 *
 * A trial that fails for another reason than its process, such as a database that is slow as a whole, is made again after
 * a pause of nine times its length.
 *
 * A job that is found open had its holder lost, unless that one only lost its lock to a Redis that hung: it gets the
 * length of a trial to say so (`suspected`).
 */
export function startQuarantineConsumer(options: QuarantineConsumerOptions): Consumer {
  const { tryOut, trialLimitMs, storesRun, bury } = options;

  async function process(delivered: DeliveredJob, job: Job): Promise<Settled> {
    const note = (record: TrialRecord) => job.updateProgress(record);
    const run = await storesRun();
    const { deaths: deathsBefore, open, bad } = readRecord(job);
    const holderLost = open !== undefined && open.storesRun === run;
    if (holderLost && !open.suspected) {
      await note({ deaths: deathsBefore, open: { ...open, suspected: true }, bad });
      return { againInMs: trialLimitMs };
    }
    const deaths = deathsBefore + (holderLost ? 1 : 0);
    if (deaths >= deathsMax) {
      const reason = `${deaths} processes that tried it alone were lost, with both stores up`;
      await bury(buriedJob(delivered, reason, 'kills-its-worker'));
      return 'done';
    }

    await note({ deaths, open: { storesRun: run, suspected: false }, bad });
    const began = performance.now();
    let outcome: TrialOutcome;
    try {
      outcome = await tryOut(delivered, bad);
    } catch (cause) {
      await note({ deaths, bad });
      throw new TryLater(cause, (performance.now() - began) * pausePerTrial);
    }
    if (outcome === 'done') return 'done';
    if (outcome === 'later') {
      await note({ deaths, bad });
      return { againInMs: longestPauseMs };
    }
    if ('bad' in outcome) {
      await note({ deaths, bad: outcome.bad });
      return { againInMs: 0 };
    }
    const storesStayed = await storesRun().then(
      (now) => now === run,
      () => false,
    );
    await note({ deaths: storesStayed ? deaths + 1 : deaths, bad });
    throw new Error(`the process that tried it ${outcome.died}`);
  }

  return startBullWorker(quarantineName, {
    redis: options.redis,
    concurrency: 1,
    process,
    onError: options.onError,
  });
}

function readRecord(job: Job): TrialRecord {
  const read = trialRecord.safeParse(job.progress);
  return read.success ? read.data : { deaths: 0, bad: [] };
}
