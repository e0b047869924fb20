import { seededRandom } from '../random-events.ts';

export const apiNames = ['api 1', 'api 2'] as const;
export const workerNames = ['worker 1', 'worker 2'] as const;
/** Runs only while a fault of kind `join` lasts. */
export const extraWorker = 'worker 3';
/** `redis` is the fast lane's. */
export const storeNames = ['redis', 'viewsRedis', 'postgres'] as const;

export type StoreName = (typeof storeNames)[number];
export type ProcessName = (typeof apiNames)[number] | (typeof workerNames)[number] | typeof extraWorker;
export type Target = ProcessName | StoreName;

/**
 * SIGKILL, and a start after it; SIGSTOP, and SIGCONT after it; SIGTERM, as a deploy ends a process, and a start after
 * it; `join`: a worker more, which is ended by SIGTERM.
 */
export type FaultKind = 'SIGKILL' | 'SIGSTOP' | 'SIGTERM' | 'join';

export interface Fault {
  /** Milliseconds since the beginning of the run. */
  atMs: number;
  kind: FaultKind;
  /** Several stores when they go together, else one. */
  targets: readonly Target[];
  /** What ends the fault comes so many milliseconds later. */
  forMs: number;
  /** An API that is started again listens on another port: another replica. */
  elsewhere: boolean;
}

/** Stores that go together. */
const together: readonly (readonly StoreName[])[] = [
  ['redis', 'postgres'],
  ['redis', 'viewsRedis'],
  ['redis', 'viewsRedis', 'postgres'],
];

/** The first fault meets a system that takes events; after the last ones it may catch up under load. */
const calmBeforeMs = 1500;
const calmAfterMs = 3000;
/** A process is up again by then, and something of it has been used. */
const recoveryMs = 4000;
const longestMs = 30_000;

/** What happens when: a pure function of the seed and the length of the run. Every fault is over before the run is. */
export function faultSchedule(seed: number, runMs: number): Fault[] {
  const random = seededRandom(seed);
  const busyUntil = new Map<Target, number>();
  const faults: Fault[] = [];
  const lastMs = runMs - calmAfterMs;
  for (let atMs = calmBeforeMs; atMs < lastMs; atMs += 1000 + random() * 1000) {
    const { kind, targets } = draw(random);
    const forMs = Math.round(Math.min(duration(kind, random), lastMs - atMs));
    const elsewhere = random() < 0.3;
    if (targets.some((target) => (busyUntil.get(target) ?? 0) > atMs)) continue;
    for (const target of targets) busyUntil.set(target, atMs + forMs + recoveryMs);
    faults.push({ atMs: Math.round(atMs), kind, targets, forMs, elsewhere });
  }
  return faults;
}

function draw(random: () => number): Pick<Fault, 'kind' | 'targets'> {
  const one = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const what = random();
  const violent = random() < 0.5 ? 'SIGKILL' : 'SIGSTOP';
  if (what < 0.35) return { kind: violent, targets: [one(workerNames)] };
  if (what < 0.6) return { kind: violent, targets: [one(apiNames)] };
  if (what < 0.72) return { kind: 'SIGTERM', targets: [one([...workerNames, ...apiNames])] };
  if (what < 0.8) return { kind: 'join', targets: [extraWorker] };
  if (what < 0.96) return { kind: violent, targets: [one(storeNames)] };
  return { kind: violent, targets: one(together) };
}

/** Mostly short, so that there is something to disturb the rest of the time; a hang now and then of up to 30 s. */
function duration(kind: FaultKind, random: () => number): number {
  const short = 200 + random() * 2800;
  if (kind === 'SIGKILL' || kind === 'SIGTERM') return short;
  if (kind === 'join') return 3000 + random() * 7000;
  const hang = random();
  if (hang < 0.6) return short;
  return hang < 0.9 ? 3000 + random() * 9000 : 12_000 + random() * (longestMs - 12_000);
}

/** A line for people. */
export function describeFault({ atMs, kind, targets, forMs, elsewhere }: Fault): string {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const again = elsewhere && targets[0]?.startsWith('api') ? 'elsewhere' : 'again';
  const then = {
    SIGKILL: `${again} after ${seconds(forMs)}`,
    SIGSTOP: `SIGCONT after ${seconds(forMs)}`,
    SIGTERM: `${again} ${seconds(forMs)} after its end`,
    join: `SIGTERM after ${seconds(forMs)}`,
  }[kind];
  return `${seconds(atMs).padStart(9)}  ${kind} ${targets.join(' and ')}, ${then}`;
}
