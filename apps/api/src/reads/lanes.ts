import type { LaneMeasure, LaneStates } from '@event-tracker/queue';
import { withTimeout } from '@event-tracker/runtime';

export interface LaneAnswer {
  name: string;
  /** Events of the batches that no worker holds; of `fold`, those that are committed and not added up. */
  waiting: number | null;
  /** Age of the oldest batch that is not completed, held ones included; of `fold`, of the oldest commit. */
  oldestSeconds: number | null;
  /** Of `fold`, too, it is null: it has none. */
  batches: LaneStates | null;
}

/** How the lanes, the quarantine and the folds stand. What can't be read now is null. */
export type ReadLanes = () => Promise<{ lanes: LaneAnswer[] }>;

export interface LaneSource {
  name: string;
  measure(): Promise<LaneMeasure>;
  states?(): Promise<LaneStates>;
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
    const [measured, batches] = await Promise.all([ask(measure()), states && ask(states())]);
    return {
      name,
      waiting: measured?.waiting ?? null,
      oldestSeconds: measured?.oldestSeconds ?? null,
      batches: batches ?? null,
    };
  }

  return async () => ({ lanes: await Promise.all(deps.lanes.map(read)) });
}
