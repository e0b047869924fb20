/** Starts the store that the first argument names in the folder of the second, tells its process id, and stays. */
import { startPostgres, startRedis, startViewsRedis } from '../../src/index.ts';

const [kind, dataDir = ''] = process.argv.slice(2);
const starts = { postgres: startPostgres, redis: startRedis, viewsRedis: startViewsRedis };
const store = await starts[kind as keyof typeof starts]({ dataDir });
console.log(store.pid);
setInterval(() => {}, 60_000);
