/** `npm run backup -- DIR`: a consistent copy of the running `npm start`, into a new folder. */
import { dirname, sep } from 'node:path';
import { readRunningStores, runningStoresFile } from '@event-tracker/runtime';
import { startProgress } from '../../setup/shared.mjs';
import { UserError } from '../user-error.ts';
import { checkNamedStores } from './check-named-stores.ts';
import { readArguments, runCommand } from './command.ts';
import { takeBackup } from './take-backup.ts';

const dataDir = dirname(runningStoresFile);

await runCommand(async (signal) => {
  const { folder } = readArguments(process.argv.slice(2), 'npm run backup -- DIR', false);
  if (`${folder}${sep}`.startsWith(`${dataDir}${sep}`))
    throw new UserError(`${folder} lies in the data that is backed up: name a folder elsewhere.`);
  const stores = readRunningStores();
  if (!stores)
    throw new UserError(
      'No `npm start` runs in this checkout: start it first, a backup is made while it runs.',
    );
  checkNamedStores(stores, process.env);
  const progress = startProgress('Copying PostgreSQL and Redis');
  const { bytes, pausedMs } = await takeBackup({
    stores,
    dataDir,
    target: folder,
    now: Date.now,
    signal,
  }).finally(() => progress.end());
  console.log(
    `Backed up to ${folder}: ${(bytes / 1e6).toFixed(0)} MB in ${progress.seconds()} s; Redis took no writes for ${pausedMs.toFixed(0)} ms.`,
  );
  console.log('It holds personal data and the admin token. Back again: npm run restore -- DIR');
}, 'Interrupted: nothing is kept of this backup.');
