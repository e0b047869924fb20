import { type Batch, type EventLane, LaneUnavailable } from '@event-tracker/domain';

export interface MemoryLane extends EventLane {
  mood: 'up' | 'away' | 'hung' | 'refuses';
  /** What it took, each batch once. */
  taken: Batch[];
  /** How often it was asked to take one. */
  asked: number;
}

/** A lane without a store, for tests of what stands before lanes. One that hangs answers what it was asked when it goes on. */
export function createMemoryLane(name: string): MemoryLane {
  const answerLimitMs = 200;
  async function act(): Promise<void> {
    if (lane.mood === 'away') throw new LaneUnavailable('away');
    if (lane.mood === 'refuses') throw new Error('this batch never');
    if (lane.mood !== 'hung') return;
    await new Promise((_, reject) => {
      setTimeout(() => reject(new LaneUnavailable('no answer')), answerLimitMs);
    });
  }
  const lane: MemoryLane = {
    name,
    mood: 'up',
    taken: [],
    asked: 0,
    async submit(batch) {
      lane.asked += 1;
      await act();
      if (!lane.taken.some(({ id }) => id === batch.id)) lane.taken.push(batch);
    },
    health: act,
    close: async () => {},
  };
  return lane;
}
