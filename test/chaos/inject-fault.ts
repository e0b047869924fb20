import { setTimeout as pause } from 'node:timers/promises';
import type { TestStore } from '@event-tracker/testing';
import { type Fault, type ProcessName, type StoreName, storeNames, type Target } from './fault-schedule.ts';
import type { Fleet } from './fleet.ts';

export interface Misfortunes {
  fleet: Fleet;
  stores: Record<StoreName, TestStore>;
  /** Ends every fault early. */
  signal: AbortSignal;
}

/** Does it, and what ends it; resolves when the targets run again. */
export async function injectFault(fault: Fault, { fleet, stores, signal }: Misfortunes): Promise<void> {
  const last = () => pause(fault.forMs, undefined, { signal }).catch(() => {});
  await Promise.all(
    fault.targets.map((target) =>
      isStore(target)
        ? troubleStore(stores[target], fault, last)
        : troubleProcess(fleet, target, fault, last),
    ),
  );
}

function isStore(target: Target): target is StoreName {
  return (storeNames as readonly string[]).includes(target);
}

type Wait = () => Promise<void>;

async function troubleStore(store: TestStore, { kind }: Fault, last: Wait): Promise<void> {
  if (kind === 'SIGKILL') {
    await store.kill();
    await last();
    await store.start();
  } else {
    store.pause();
    await last();
    store.resume();
  }
}

async function troubleProcess(
  fleet: Fleet,
  name: ProcessName,
  { kind, elsewhere }: Fault,
  last: Wait,
): Promise<void> {
  switch (kind) {
    case 'join':
      await fleet.start(name);
      await last();
      await fleet.end(name, 'SIGTERM');
      return;
    case 'SIGSTOP':
      fleet.signal(name, 'SIGSTOP');
      await last();
      fleet.signal(name, 'SIGCONT');
      return;
    case 'SIGKILL':
    case 'SIGTERM': {
      const port = await fleet.end(name, kind);
      await last();
      await fleet.start(name, elsewhere ? 0 : port);
      return;
    }
    default:
      kind satisfies never;
  }
}
