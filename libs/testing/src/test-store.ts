import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Store, StoreOptions } from '@event-tracker/infra';
import { createTestFolder, quickestParent } from './test-folder.ts';

/** A store of a test's own, with the misfortunes that can befall it. Its URL stays the same through all of them. */
export interface TestStore {
  url: string;
  port: number;
  dataDir: string;
  /** Its process; another one after `start`. */
  readonly pid: number;
  /** Ends it as a crash would (SIGKILL). */
  kill(): Promise<void>;
  /** Starts it again after `kill` or `shutDown`, on the same port and data. */
  start(): Promise<void>;
  /** Ends it in order; its data stays. */
  shutDown(): Promise<void>;
  /** It hangs: connections stay open, and nothing is answered until `resume`. */
  pause(): void;
  resume(): void;
  /** Ends it, in whatever state it is, and removes its data. */
  stop(): Promise<void>;
}

type Start = (options: StoreOptions) => Promise<Store>;

/** `prepare` may put something into its folder before it starts for the first time. */
export async function createTestStore(
  start: Start,
  settings: Record<string, string | number>,
  prepare: (dataDir: string) => void = () => {},
): Promise<TestStore> {
  const folder = createTestFolder(quickestParent());
  const dataDir = join(folder.path, 'store');
  let store: Store | undefined;
  try {
    prepare(dataDir);
    store = await start({ dataDir, settings });
  } catch (cause) {
    folder.remove();
    throw cause;
  }
  const { url, port } = store;
  const running = (): Store => {
    if (!store) throw new Error('the store does not run');
    return store;
  };
  const resume = () => signalAll(running().pid, 'SIGCONT');

  async function kill(): Promise<void> {
    const { pid, ended } = running();
    signalAll(pid, 'SIGKILL');
    await ended;
    store = undefined;
  }

  async function shutDown(): Promise<void> {
    resume();
    await running().stop();
    store = undefined;
  }

  return {
    url,
    port,
    dataDir,
    get pid() {
      return running().pid;
    },
    kill,
    shutDown,
    start: async () => {
      store ??= await start({ dataDir, settings, port });
    },
    pause: () => signalAll(running().pid, 'SIGSTOP'),
    resume,
    stop: async () => {
      try {
        if (store) await shutDown();
      } finally {
        folder.remove();
      }
    },
  };
}

/**
 * PostgreSQL answers from children that are sessions of their own: a signal to its group does not reach them, and they
 * outlive it by a moment in which they still take what is sent.
 */
function signalAll(pid: number, signal: NodeJS.Signals): void {
  const children = childrenOf(pid);
  process.kill(pid, signal);
  for (const child of children) {
    try {
      process.kill(child, signal);
    } catch {
      // Ended meanwhile.
    }
  }
}

function childrenOf(pid: number): number[] {
  if (process.platform === 'linux') {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  }
  const rows = execFileSync('ps', ['-axo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  return rows
    .map((row) => row.trim().split(/\s+/).map(Number))
    .flatMap(([child, parent]) => (child && parent === pid ? [child] : []));
}
