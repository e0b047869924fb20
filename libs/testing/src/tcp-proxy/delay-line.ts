/** Lets what is pushed happen later, in the order in which it was pushed. */
export interface DelayLine {
  push(action: () => void): void;
  /** Holds for what is pushed from now on; it overtakes nothing. */
  setDelay(delayMs: number): void;
}

/** A timer of Node's may be early or late by a millisecond: it serves up to here, and the rest is slept. */
const timerErrorMs = 1.2;

/** The longest sleep: what comes in meanwhile is seen by so much too late. */
const sleepMs = 0.2;

/**
 * For a thread of its own, which it blocks for moments. Precise to about a quarter of a millisecond, where a timer alone
 * errs by one: far from an action a timer waits, close to it the thread sleeps in short naps and looks for input between
 * them. With nothing on the line it costs nothing; with something at all times about a tenth of a processor.
 */
export function createDelayLine(delayMs: number): DelayLine {
  let delay = delayMs;
  let waiting: { due: number; action: () => void }[] = [];
  let next = 0;
  let isTurnComing = false;
  const nap = new Int32Array(new SharedArrayBuffer(4));

  function turn(): void {
    isTurnComing = false;
    let now = performance.now();
    for (let first = waiting[next]; first && first.due <= now; first = waiting[next]) {
      next += 1;
      first.action();
      now = performance.now();
    }
    // What is done makes way when it is most of the list, so that each move is paid for by as many actions.
    if (next > waiting.length / 2) {
      waiting = waiting.slice(next);
      next = 0;
    }
    awaitNext(now);
  }

  function awaitNext(now: number): void {
    const first = waiting[next];
    if (!first || isTurnComing) return;
    isTurnComing = true;
    const left = first.due - now;
    if (left > timerErrorMs) {
      setTimeout(turn, left - timerErrorMs);
    } else {
      if (left > 0) Atomics.wait(nap, 0, 0, Math.min(left, sleepMs));
      setImmediate(turn);
    }
  }

  return {
    push(action) {
      const now = performance.now();
      waiting.push({ due: now + delay, action });
      awaitNext(now);
    },
    setDelay(changed) {
      delay = changed;
    },
  };
}
