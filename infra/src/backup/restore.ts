/** `npm run restore -- DIR [--force]`: makes a backup the data of this checkout, for the next `npm start`. */
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runningStoresFile } from '@event-tracker/runtime';
import { startProgress } from '../../setup/shared.mjs';
import { endLeftovers } from '../leftovers.ts';
import { takeStartLock } from '../start-lock.ts';
import { readArguments, runCommand } from './command.ts';
import { restoreBackup } from './restore-backup.ts';

const root = resolve(fileURLToPath(new URL('../../..', import.meta.url)));
const dataDir = dirname(runningStoresFile);

await runCommand(async (signal) => {
  const { folder, force } = readArguments(process.argv.slice(2), 'npm run restore -- DIR [--force]', true);
  const release = takeStartLock(root, dataDir);
  try {
    await endLeftovers(root, dataDir);
    const progress = startProgress('Copying the backup');
    const say = (line: string) => progress.say(line);
    const { createdAt } = await restoreBackup({ dataDir, from: folder, force, say, signal }).finally(() =>
      progress.end(),
    );
    console.log(`Restored the backup of ${createdAt}. \`npm start\` starts with it.`);
    for (const variable of ['DATABASE_URL', 'REDIS_URL', 'QUEUE_REDIS_URL'])
      if (process.env[variable])
        console.log(`${variable} is set: \`npm start\` will use that server, and not what was restored.`);
  } finally {
    release();
  }
}, 'Interrupted: the data is what it was.');
