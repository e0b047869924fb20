import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { type RunningStores, runningStoresFile } from '@event-tracker/runtime';

/** Lets the other commands of this checkout find the stores (with their passwords: for this user alone). Returns the undo. */
export function announceStores(stores: RunningStores): () => void {
  const partial = `${runningStoresFile}.partial`;
  rmSync(partial, { force: true });
  writeFileSync(partial, `${JSON.stringify(stores, null, 2)}\n`, { mode: 0o600 });
  renameSync(partial, runningStoresFile);
  return () => rmSync(runningStoresFile, { force: true });
}
