import { existsSync, realpathSync } from 'node:fs';
import { type App, appProgram, appRecord, apps } from './apps.ts';
import { checkOwner } from './folder-owner.ts';
import { isRoot } from './identity.ts';
import { stopLeftover } from './process-record.ts';
import { redisKinds } from './redis.ts';
import { storeFolders, storeRecord } from './stores.ts';

/**
 * Ends what a killed `npm start` left behind, in the order in which it would have ended it itself.
 * Throws a UserError when that, or the data, is another user's.
 */
export async function endLeftovers(root: string, dataDir: string): Promise<void> {
  const say = (line: string) => console.log(line);
  const { redis, viewsRedis, postgres } = storeFolders(dataDir);
  const stores = [
    { name: redisKinds.views.name, folder: viewsRedis, signal: 'SIGTERM' },
    { name: redisKinds.lane.name, folder: redis, signal: 'SIGTERM' },
    { name: 'PostgreSQL', folder: postgres, signal: 'SIGINT' },
  ] as const;
  const existing = stores.filter(({ folder }) => existsSync(folder));
  if (!isRoot()) for (const { folder } of existing) checkOwner(folder);

  for (const app of Object.keys(apps) as App[]) {
    const { name } = apps[app];
    await stopLeftover(appRecord(dataDir, app), {
      name,
      mark: appProgram(root, app),
      signal: 'SIGTERM',
      say,
    });
  }
  for (const { name, folder, signal } of existing) {
    await stopLeftover(storeRecord(folder), { name, mark: realpathSync(folder), signal, say });
  }
}
