import type { Batch } from './batch.ts';

/** A durable queue of batches. */
export interface EventLane {
  name: string;
  /** Resolves once the batch is durable; rejects when it is not known to be, with LaneUnavailable where that is why. */
  submit(batch: Batch): Promise<void>;
  /** Rejects, saying why, when a batch could not be made durable now. */
  health(): Promise<void>;
  close(): Promise<void>;
}

/** The lane could not make a batch durable. It may hold the batch all the same: delivering it again is harmless. */
export class LaneUnavailable extends Error {
  override name = 'LaneUnavailable';
}
