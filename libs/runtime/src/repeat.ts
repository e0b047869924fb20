/**
 * Does the work again and again, `everyMs` after the last round has ended; rounds never overlap, and one that fails
 * does not end the rest. Answers how to stop: it resolves when the round under way has ended.
 */
export function repeat(
  everyMs: number,
  work: () => Promise<unknown>,
  onError: (cause: unknown) => void,
): () => Promise<void> {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let wake = () => {};

  async function run(): Promise<void> {
    while (!stopped) {
      await work().catch(onError);
      if (stopped) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
        timer = setTimeout(resolve, everyMs);
      });
    }
  }
  const ended = run();

  return () => {
    stopped = true;
    clearTimeout(timer);
    wake();
    return ended;
  };
}
