import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startApi, startWorker, type TestProcess } from '@event-tracker/testing';
import type { ProcessName } from './fault-schedule.ts';

export interface FleetOptions {
  env: Record<string, string>;
  logFolder: string;
  /** Told of each end that nobody asked for, and of one that took too long. */
  onWrong(what: string): void;
  starters?: Record<'api' | 'worker', typeof startApi>;
}

/** CONTRACT: a process that is told to end is gone within 20 s; the rest is what a busy machine may take. */
const endLimitMs = 25_000;
/** What a supervisor waits before it starts a process again that ended by itself. */
const restartMs = 1000;
/** A machine that is busy with other things may be too slow for a start; the place must not stay empty for that. */
const startsMax = 5;

/** The processes of the system, each in a place of its own that a supervisor keeps filled. */
export function createFleet({ env, logFolder, onWrong, starters }: FleetOptions) {
  const { api, worker } = starters ?? { api: startApi, worker: startWorker };

  interface Place {
    process: TestProcess;
    /** An end is expected. */
    released: boolean;
  }
  interface Started {
    process: TestProcess;
    logFile: string;
  }
  const places = new Map<ProcessName, Place>();
  const stoppedUntil = new Map<string, number>();
  let starts = 0;
  let closed = false;

  async function start(name: ProcessName, port = 0): Promise<void> {
    if (closed) return;
    const { process, logFile } = await startOne(name, port, startsMax);
    if (closed) {
      process.signal('SIGKILL');
      return;
    }
    const place = { process, released: false };
    places.set(name, place);
    void process.ended.then(async (how) => {
      if (place.released || closed) return;
      onWrong(`${name} ended by itself: ${how} (${logFile})`);
      await pause(restartMs);
      await start(name, portOf(process)).catch((cause) => onWrong(`${name} did not start again: ${cause}`));
    });
  }

  async function startOne(name: ProcessName, port: number, triesLeft: number): Promise<Started> {
    starts += 1;
    const file = join(logFolder, `${String(starts).padStart(4, '0')} ${name}.log`);
    const starting = name.startsWith('api')
      ? api({ ...env, PORT: String(port) }, { file })
      : worker(env, { file });
    try {
      return { process: await starting, logFile: file };
    } catch (cause) {
      if (triesLeft === 1 || closed) throw cause;
      return startOne(name, port, triesLeft - 1);
    }
  }

  function placeOf(name: ProcessName): Place {
    const place = places.get(name);
    if (!place) throw new Error(`${name} is not there`);
    return place;
  }

  /** Ends it; resolves with its port. */
  async function end(name: ProcessName, signal: 'SIGKILL' | 'SIGTERM'): Promise<number> {
    const place = placeOf(name);
    place.released = true;
    const { process } = place;
    const since = performance.now();
    const late = setTimeout(() => process.signal('SIGKILL'), endLimitMs);
    process.signal(signal);
    const how = await process.ended;
    clearTimeout(late);
    places.delete(name);
    if (signal === 'SIGTERM' && how !== 0) {
      const seconds = ((performance.now() - since) / 1000).toFixed(1);
      onWrong(`${name} was told to end and ended with ${how} after ${seconds} s`);
    }
    return portOf(process);
  }

  return {
    start,
    end,
    signal(name: ProcessName, signal: 'SIGSTOP' | 'SIGCONT'): void {
      const { process } = placeOf(name);
      stoppedUntil.set(process.url, signal === 'SIGSTOP' ? Number.POSITIVE_INFINITY : performance.now());
      process.signal(signal);
    },
    /** Whether the process there has been stopped at some time since then; by performance.now(). */
    wasStopped: (url: string, since: number): boolean =>
      (stoppedUntil.get(url) ?? Number.NEGATIVE_INFINITY) >= since,
    urls: (): string[] =>
      [...places].filter(([name]) => name.startsWith('api')).map(([, { process }]) => process.url),
    /** Ends all that runs, in order. */
    async close(): Promise<void> {
      closed = true;
      await Promise.all([...places.values()].map(({ process }) => process.stop()));
    },
  };
}

export type Fleet = ReturnType<typeof createFleet>;

function portOf(process: TestProcess): number {
  return Number(new URL(process.url).port);
}
