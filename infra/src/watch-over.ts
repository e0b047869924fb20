import type { Closers } from '@event-tracker/runtime';
import type { OwnProcess } from './own-process.ts';
import { inSentence } from './process-record.ts';
import { UserError } from './user-error.ts';

interface Watch {
  /** Puts a process on the stack of closers and keeps an eye on it. */
  own: <P extends OwnProcess>(process: P) => P;
  /** Rejects when a process ends that nobody told to, or when the signal comes. */
  untilEnd: Promise<never>;
}

export function watchOver(closers: Closers, signal: AbortSignal): Watch {
  const { promise: untilEnd, reject } = Promise.withResolvers<never>();
  untilEnd.catch(() => {});
  signal.addEventListener('abort', () => reject(signal.reason));

  function own<P extends OwnProcess>(child: P): P {
    let reported = false;
    closers.add(child.name, async () => {
      if (reported) return;
      console.log(`Ending ${inSentence(child.name)}`);
      await child.stop();
    });
    void child.ended.then((how) => {
      if (child.isStopping() || signal.aborted) return;
      reported = true;
      reject(
        new UserError(
          `${child.name} (process ${child.pid}) ${how}, which nobody asked for: everything ends.`,
        ),
      );
    });
    return child;
  }

  return { own, untilEnd };
}
