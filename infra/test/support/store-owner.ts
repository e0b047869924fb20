/** Starts the store that the first argument names in the folder of the second, tells its process id, and stays. */
import { startPostgres, startRedis } from '../../src/index.ts';

const [kind, dataDir = ''] = process.argv.slice(2);
const store = await (kind === 'redis' ? startRedis : startPostgres)({ dataDir });
console.log(store.pid);
setInterval(() => {}, 60_000);
