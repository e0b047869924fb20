import { setTimeout as pause } from 'node:timers/promises';

/** For a machine that does other things, too: a condition that comes true ends the wait at once. In milliseconds. */
const untilGivenUpMs = 60_000;

/**
 * Asks until the answer is not undefined, and returns it. Throws after `limitMs`, with what the last failed attempt
 * said.
 */
export async function poll<T>(
  ask: () => Promise<T | undefined> | T | undefined,
  { limitMs = untilGivenUpMs, everyMs = 50, what = 'the condition' } = {},
): Promise<T> {
  const deadline = performance.now() + limitMs;
  let cause: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (failure) {
      cause = failure;
    }
    if (performance.now() > deadline)
      throw new Error(`${what} did not come true in ${limitMs} ms`, { cause });
    await pause(everyMs);
  }
}

/** Asks until it is true. */
export async function until(
  condition: () => Promise<boolean> | boolean,
  options?: Parameters<typeof poll>[1],
) {
  await poll(async () => ((await condition()) ? true : undefined), options);
}
