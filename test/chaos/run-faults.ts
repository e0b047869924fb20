import { describeFault, type Fault, type Target } from './fault-schedule.ts';
import { injectFault, type Misfortunes } from './inject-fault.ts';

export interface FaultRun {
  /** In the order in which they happened. */
  injected: Fault[];
  /** Those whose target was not up again since its last fault, as on a machine with other work to do. */
  skipped: Fault[];
  /** Resolves when every target runs again. */
  settled(): Promise<unknown>;
}

/** Lets faults happen at their time; `sleepUntil` takes milliseconds since the beginning of the run. */
export function runFaults(
  faults: readonly Fault[],
  options: Misfortunes & {
    sleepUntil(atMs: number): Promise<void>;
    say(line: string): void;
    onWrong(what: string): void;
  },
): FaultRun & { over: Promise<void> } {
  const { sleepUntil, say, onWrong, ...misfortunes } = options;
  const injected: Fault[] = [];
  const skipped: Fault[] = [];
  const underWay: Promise<void>[] = [];
  const busy = new Set<Target>();

  async function inject(fault: Fault): Promise<void> {
    for (const target of fault.targets) busy.add(target);
    try {
      await injectFault(fault, misfortunes);
    } catch (cause) {
      onWrong(`${describeFault(fault).trim()} failed: ${cause}`);
    }
    for (const target of fault.targets) busy.delete(target);
  }

  async function runAll(): Promise<void> {
    for (const fault of faults) {
      await sleepUntil(fault.atMs);
      if (fault.targets.some((target) => busy.has(target))) {
        say(`${describeFault(fault)}: skipped, not up again yet`);
        skipped.push(fault);
        continue;
      }
      say(describeFault(fault));
      injected.push(fault);
      underWay.push(inject(fault));
    }
  }

  return { injected, skipped, over: runAll(), settled: () => Promise.all(underWay) };
}
