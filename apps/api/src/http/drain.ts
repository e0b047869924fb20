import { setTimeout as pause } from 'node:timers/promises';

/**
 *   serving ──begin──▶ draining ──after the delay──▶ the listener closes
 *
 * While draining, /readyz says 503, so balancers and clients that follow it turn away, and requests are still answered,
 * each the last of its connection.
 */
export interface Drain {
  isDraining(): boolean;
  /** Aborted when it begins: what answers without end, ends. */
  signal: AbortSignal;
  /** Resolves after the delay. */
  begin(): Promise<void>;
}

export function createDrain(delayMs: number): Drain {
  const controller = new AbortController();
  return {
    isDraining: () => controller.signal.aborted,
    signal: controller.signal,
    async begin() {
      controller.abort();
      await pause(delayMs);
    },
  };
}
