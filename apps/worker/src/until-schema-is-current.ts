import { checkSchema, type Pool } from '@event-tracker/storage';

const pauseMs = 500;

/** Asks until the database has the schema that this code was written for. `done` is false when it was stopped before. */
export function untilSchemaIsCurrent(
  pool: Pool,
  onWait: (cause: unknown) => void,
): { done: Promise<boolean>; stop(): void } {
  let stopped = false;
  let wake = () => {};

  async function ask(): Promise<boolean> {
    let told = '';
    while (!stopped) {
      try {
        await checkSchema(pool);
        return true;
      } catch (cause) {
        const message = String(cause);
        if (message !== told) onWait(cause);
        told = message;
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, pauseMs);
      });
    }
    return false;
  }

  return {
    done: ask(),
    stop() {
      stopped = true;
      wake();
    },
  };
}
