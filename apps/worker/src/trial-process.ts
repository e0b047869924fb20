import { type ChildProcess, fork } from 'node:child_process';
import type { BadEvent, DeliveredJob, TrialOutcome } from '@event-tracker/queue';

/** What the trial's process is sent. */
export interface TrialRequest {
  job: DeliveredJob;
  bad: readonly BadEvent[];
}

/**
 * What the trial's process says: once that it is there, then one answer for each job, and before it, at each step, that it
 * is at work.
 */
export type TrialMessage =
  | 'ready'
  | 'at work'
  | { outcome: 'done' | 'later' | { bad: BadEvent[] } }
  | { failure: string };

export interface TrialProcess {
  /** Tries one job at a time. Rejects when it was not committed for a reason that is not its own. */
  tryOut(job: DeliveredJob, bad: readonly BadEvent[]): Promise<TrialOutcome>;
  /** Ends the process; a job that it holds is rejected. */
  close(): void;
}

/** A process that has nothing to try is let go after so long. */
const idleMs = 30_000;
const main = new URL('trial.ts', import.meta.url);

/**
 * A process that holds one job of the quarantine and nothing else, so that nothing goes down with it.
 *
 * @param deps.limitMs a process that says nothing for so long is lost
 */
export function createTrialProcess({ limitMs }: { limitMs: number }): TrialProcess {
  let child: ChildProcess | undefined;
  let isReady = false;
  let closed = false;
  let idle: NodeJS.Timeout | undefined;

  function start(): ChildProcess {
    isReady = false;
    const started = fork(main, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    started.once('exit', () => {
      if (child === started) child = undefined;
    });
    child = started;
    return started;
  }

  return {
    async tryOut(job, bad) {
      if (closed) throw new Error('shutting down');
      clearTimeout(idle);
      const trying = child ?? start();
      const ended = Promise.withResolvers<TrialOutcome>();
      let hung = false;
      const limit = setTimeout(() => {
        hung = true;
        trying.kill('SIGKILL');
      }, limitMs);
      const request: TrialRequest = { job, bad };
      const send = () => trying.send(request, (cause) => cause && trying.kill('SIGKILL'));

      function onMessage(message: TrialMessage): void {
        if (message === 'ready') {
          isReady = true;
          send();
        } else if (message === 'at work') limit.refresh();
        else if ('outcome' in message) ended.resolve(message.outcome);
        else ended.reject(new Error(message.failure));
      }
      function onExit(code: number | null, signal: NodeJS.Signals | null): void {
        const how = signal ? `was ended by ${signal}` : `ended with code ${code}`;
        if (closed) ended.reject(new Error('shutting down'));
        // Not the job's doing: it had not been given to it.
        else if (!isReady) ended.reject(new Error(`the trial's process ${how} at its start`));
        else ended.resolve({ died: hung ? `had said nothing for ${limitMs / 1000} s` : how });
      }
      trying.on('message', onMessage);
      trying.once('exit', onExit);
      trying.once('error', ended.reject);
      if (isReady) send();
      try {
        return await ended.promise;
      } finally {
        clearTimeout(limit);
        trying.off('message', onMessage).off('exit', onExit).off('error', ended.reject);
        // An idle process must not keep this one from ending.
        idle = setTimeout(() => trying.kill('SIGKILL'), idleMs).unref();
      }
    },
    close() {
      closed = true;
      clearTimeout(idle);
      child?.kill('SIGKILL');
    },
  };
}
