import type { LaneMeasure, LaneStates } from '@event-tracker/queue';
import { withTimeout } from '@event-tracker/runtime';

export interface LaneAnswer {
  name: string;
  /** Events of the batches that no worker holds. */
  waiting: number | null;
  /** Age of the oldest batch that is not completed, held ones included. */
  oldestSeconds: number | null;
  batches: LaneStates | null;
}

/** How the lanes and the quarantine stand. What can't be read now is null. */
export type ReadLanes = () => Promise<{ lanes: LaneAnswer[] }>;

export interface LaneSource {
  name: string;
  measure(): Promise<LaneMeasure>;
  states(): Promise<LaneStates>;
}

const limitMs = 2000;

export function createLanesReader(deps: {
  lanes: readonly LaneSource[];
  onError(cause: unknown): void;
}): ReadLanes {
  async function read({ name, measure, states }: LaneSource): Promise<LaneAnswer> {
    const ask = <T>(asking: Promise<T>): Promise<T | undefined> =>
      withTimeout(asking, limitMs, `reading the ${name} lane`).catch((cause: unknown) => {
        deps.onError(cause);
        return undefined;
      });
    const [measured, batches] = await Promise.all([ask(measure()), ask(states())]);
    return {
      name,
      waiting: measured?.waiting ?? null,
      oldestSeconds: measured?.oldestSeconds ?? null,
      batches: batches ?? null,
    };
  }

  return async () => ({ lanes: await Promise.all(deps.lanes.map(read)) });
}
