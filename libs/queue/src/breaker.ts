import { setTimeout as pause } from 'node:timers/promises';
import { type Batch, type EventLane, LaneUnavailable } from '@event-tracker/domain';

export interface BreakerOptions {
  lane: EventLane;
  /** A lane that takes longer over a batch, or over a probe, counts as away, in milliseconds. */
  limitMs: number;
  /** Told once when the lane goes, with why, and once when it is back. */
  onChange(lane: string, away: { cause: unknown } | undefined): void;
}

export interface Breaker extends EventLane {
  isOpen(): boolean;
  /** How often it has opened. */
  opened(): number;
}

const probeEveryMs = 250;
const longestPauseMs = 8000;
/** A lane that fails again so soon after a probe closed the breaker takes probes but no batches: it flaps. */
const flapsWithinMs = 2000;

/**
 *   closed ──a batch finds the lane away──▶ open ──a probe succeeds──▶ closed
 *
 * While it is open every batch is refused at once. A lane that flaps is probed at growing pauses.
 */
export function createBreaker({ lane, limitMs, onChange }: BreakerOptions): Breaker {
  let away: { cause: unknown } | undefined;
  let opened = 0;
  let flaps = 0;
  let closedAt = Number.NEGATIVE_INFINITY;
  const ending = new AbortController();

  function open(cause: unknown): void {
    if (away || ending.signal.aborted) return;
    away = { cause };
    opened += 1;
    flaps = performance.now() - closedAt < flapsWithinMs ? flaps + 1 : 0;
    onChange(lane.name, away);
    void probe().catch(() => {});
  }

  async function probe(): Promise<void> {
    const pauseMs = Math.min(probeEveryMs * 2 ** flaps, longestPauseMs);
    for (;;) {
      await pause(pauseMs * (0.8 + 0.4 * Math.random()), undefined, { signal: ending.signal });
      try {
        await within(lane.health(), limitMs, lane.name);
        break;
      } catch {
        // Still away: what was told when it went holds.
      }
    }
    if (ending.signal.aborted) return;
    away = undefined;
    closedAt = performance.now();
    onChange(lane.name, undefined);
  }

  return {
    name: lane.name,
    isOpen: () => away !== undefined,
    opened: () => opened,
    async submit(batch: Batch) {
      if (away) throw new LaneUnavailable(`the ${lane.name} lane is away`, { cause: away.cause });
      try {
        await within(lane.submit(batch), limitMs, lane.name);
      } catch (cause) {
        if (cause instanceof LaneUnavailable) open(cause);
        throw cause;
      }
    },
    health: () => lane.health(),
    async close() {
      ending.abort();
      await lane.close();
    },
  };
}

function within(work: Promise<void>, limitMs: number, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      // After a long turn of the event loop the timer is due before the answer is read: that one turn is waited for.
      setImmediate(() => reject(new LaneUnavailable(`the ${name} lane took longer than ${limitMs} ms`)));
    }, limitMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
