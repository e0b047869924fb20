import { setTimeout as pause } from 'node:timers/promises';
import type { Views } from '@event-tracker/storage';

export interface ViewMerger {
  /** Resolves with whether the views hold the counts now. False: the view debt has to stand. Never rejects. */
  merge(...merged: Parameters<Views['merge']>): Promise<boolean>;
  /** Stops asking. */
  close(): void;
}

const probeEveryMs = 250;

/**
 * Merges into the views, and no longer tries while they are away: a Redis that hangs would hold up every commit by the
 * time-out of its command.
 *
 *   here ──a merge fails──▶ away ──a probe succeeds──▶ trial ──a merge succeeds──▶ here
 *                            ▲                           │
 *                            └────────a merge fails──────┘
 *
 * While away nothing is merged. The outage is told at its begin, and over once a merge succeeds: a Redis that answers
 * may still refuse to write.
 */
export function createViewMerger(deps: {
  views: Views;
  /** Rejects while the views are away. */
  probe(): Promise<unknown>;
  /** Whether other workers keep views elsewhere: the debts are left to them, which else would miss these counts. */
  keptElsewhere(): boolean;
  note: { away(cause: unknown): void; back(): void };
}): ViewMerger {
  const { views, probe, keptElsewhere, note } = deps;
  let state: 'here' | 'away' | 'trial' = 'here';
  const ending = new AbortController();
  const isAway = () => state === 'away';

  async function untilProbed(): Promise<void> {
    for (;;) {
      await pause(probeEveryMs, undefined, { signal: ending.signal });
      const answers = await probe().then(
        () => true,
        () => false,
      );
      if (answers) break;
    }
    state = 'trial';
  }

  return {
    async merge(...merged) {
      if (isAway() || keptElsewhere()) return false;
      try {
        await views.merge(...merged);
        if (state === 'trial') {
          state = 'here';
          note.back();
        }
        return true;
      } catch (cause) {
        note.away(cause);
        if (!isAway() && !ending.signal.aborted) {
          state = 'away';
          untilProbed().catch(() => {});
        }
        return false;
      }
    },
    close: () => ending.abort(),
  };
}
