import type { Batch } from '@event-tracker/domain';
import { decodeBatch, UnknownPayload } from './batch-codec.ts';
import { readJobId } from './names.ts';

/** A job that no worker can process, for the dead letters. */
export interface BuriedJob {
  batchId: string;
  /** Events that it announced. */
  count: number;
  producer: string | undefined;
  acknowledged: number;
  /** JSON text of the job's data. */
  payload: string;
  reason: string;
  code: string;
  attempts: number;
}

/** Rejecting with it buries the job. Everything else is tried again. */
export class Unprocessable extends Error {
  override name = 'Unprocessable';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Rejecting with it moves the job to the quarantine: its batch can't be committed here, though others can. */
export class NeedsTrial extends Error {
  override name = 'NeedsTrial';
}

export interface JobHandlers {
  /**
   * Resolves when the batch is committed; rejects when it must be delivered again, or, with Unprocessable, dead-lettered,
   * or, with NeedsTrial, tried in the quarantine.
   */
  process(batch: Batch): Promise<void>;
  /** Resolves when the job is among the dead letters. While it rejects the job stays. */
  bury(job: BuriedJob): Promise<void>;
  /** Resolves when the job is in the quarantine. While it rejects the job stays. `why` is for people. */
  quarantine(job: DeliveredJob, why: string): Promise<void>;
}

export interface DeliveredJob {
  /** `<batchId>.<count>`, as far as it is ours. */
  key: string;
  /** What is inside, for people. */
  name: string;
  data: unknown;
  /** Milliseconds since the epoch. */
  createdAt: number;
  attempts: number;
  /** How often it was lost by a worker that held it. */
  stalls: number;
}

/** A kill or a hang of a store stalls every job that a worker holds, so one stall says nothing. */
const stallsBeforeQuarantine = 2;

/** What a newer worker may know waits so long for one: the length of a deploy, generously. */
const newerWorkerLimitMs = 60 * 60_000;

/** Whether the job may be let go; `later`: it waits for a newer worker. */
export async function handleJob(job: DeliveredJob, handlers: JobHandlers): Promise<'done' | 'later'> {
  if (job.stalls >= stallsBeforeQuarantine) {
    await handlers.quarantine(job, `its workers were lost ${job.stalls} times`);
    return 'done';
  }
  try {
    await handlers.process(decodeBatch(job.data));
  } catch (cause) {
    if (cause instanceof UnknownPayload) {
      const isNewer = cause.code !== 'undecodable';
      if (isNewer && Date.now() - job.createdAt < newerWorkerLimitMs) return 'later';
      await handlers.bury(buriedJob(job, cause.message, cause.code));
    } else if (cause instanceof Unprocessable) {
      await handlers.bury(buriedJob(job, cause.message, cause.code));
    } else if (cause instanceof NeedsTrial) await handlers.quarantine(job, cause.message);
    else throw cause;
  }
  return 'done';
}

/** The envelope is frozen across versions, so each of its fields is read as far as it can be. */
export function buriedJob({ key, data, attempts }: DeliveredJob, reason: string, code: string): BuriedJob {
  const { id, count, producer, acknowledged } = (
    typeof data === 'object' && data !== null ? data : {}
  ) as Record<string, unknown>;
  const fromKey = readJobId(key);
  return {
    batchId: typeof id === 'string' ? id : (fromKey?.batchId ?? key),
    count: wholeNumber(count) ?? fromKey?.count ?? 0,
    producer: typeof producer === 'string' ? producer : undefined,
    acknowledged: wholeNumber(acknowledged) ?? 0,
    payload: JSON.stringify(data) ?? 'null',
    reason,
    code,
    attempts,
  };
}

function wholeNumber(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}
