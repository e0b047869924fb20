import { addTypeCounts, noCounts, readBeat, type TypeCounts } from '@event-tracker/domain';

/** What the workers of the whole deployment have said lately. */
export interface WorkerWatch {
  /** Workers that live: heard within the last four seconds, and not on their way out. */
  live(): number;
  /** Events that were said to be committed after a moment of the process's clock, five seconds ago at most. */
  storedSince(from: number): TypeCounts;
  /** Called now and then by whoever watches: listens in PostgreSQL while nothing is heard through Redis. */
  keepListening(): void;
  close(): Promise<void>;
}

/** Four beats of an idle worker: one that is stopped or killed is missed so late. */
const lifeMs = 4000;
/** Frames are made every second; one that a slow store held up is to miss nothing. */
const memoryMs = 5000;
/** Silence for so long, and Redis may be what is away. */
const silenceMs = 2500;

export function createWorkerWatch(deps: {
  /** Listen until they are closed, through outages. */
  listenInRedis(hear: (text: string) => void): void;
  listenInPostgres(hear: (text?: string) => void): { close(): Promise<void> };
}): WorkerWatch {
  const heardAt = new Map<string, number>();
  let recent: { at: number; stored: TypeCounts }[] = [];
  let heardInRedisAt = performance.now();
  let postgres: { close(): Promise<void> } | undefined;
  let closed = false;

  function hear(text: string): void {
    const beat = readBeat(text);
    if (!beat) return;
    const at = performance.now();
    if (beat.ended) heardAt.delete(beat.worker);
    else heardAt.set(beat.worker, at);
    recent = recent.filter((one) => one.at > at - memoryMs);
    recent.push({ at, stored: beat.stored });
  }

  deps.listenInRedis((text) => {
    heardInRedisAt = performance.now();
    hear(text);
  });

  return {
    live() {
      const from = performance.now() - lifeMs;
      for (const [worker, at] of heardAt) if (at < from) heardAt.delete(worker);
      return heardAt.size;
    },
    storedSince(from) {
      const sum = noCounts();
      for (const { at, stored } of recent) if (at > from) addTypeCounts(sum, stored);
      return sum;
    },
    keepListening() {
      const isSilent = performance.now() - heardInRedisAt > silenceMs;
      if (closed || isSilent === (postgres !== undefined)) return;
      if (isSilent) {
        postgres = deps.listenInPostgres((text) => text !== undefined && hear(text));
        return;
      }
      void postgres?.close();
      postgres = undefined;
    },
    async close() {
      closed = true;
      await postgres?.close();
    },
  };
}
