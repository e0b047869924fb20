import type { Redis } from './connection.ts';
import { subjectKinds, viewKeys } from './keys.ts';

/** How the Redis of the views stands. */
export interface ViewsState {
  /** Names what views were made on: this run of the server, and how much it has evicted. Others may have lost some. */
  run: string;
  /** Keys that this run of the server has evicted. */
  evicted: number;
  /** Undefined: it refuses writes when it is full, and evicts nothing. */
  evictionPolicy: string | undefined;
}

export async function readViewsState(redis: Redis): Promise<ViewsState> {
  const info = await redis.info('server', 'stats', 'memory');
  const read = (field: string) => new RegExp(`^${field}:(\\S+)`, 'm').exec(info)?.[1];
  const id = read('run_id');
  if (id === undefined) throw new Error('Redis does not say its run id');
  const evicted = Number(read('evicted_keys') ?? 0);
  const policy = read('maxmemory_policy');
  return {
    run: evicted === 0 ? id : `${id}:${evicted}`,
    evicted,
    evictionPolicy: policy === 'noeviction' ? undefined : policy,
  };
}

export const evictionReason = (policy: string): string =>
  `it evicts (\`maxmemory-policy ${policy}\`), so the views are not whole and PostgreSQL answers: give it more memory, and set \`maxmemory-policy noeviction\``;

/** Why views in this Redis can't be fresh, although it is there. Rejects when it is away. */
export async function readViewsConcerns(redis: Redis): Promise<string[]> {
  const [state, ...complete] = await Promise.all([
    readViewsState(redis),
    ...subjectKinds.map((kind) => redis.get(viewKeys.complete(kind))),
  ]);
  const lost = state.evicted > 0 && complete.some((run) => run !== state.run);
  if (lost && state.evictionPolicy !== undefined) return [evictionReason(state.evictionPolicy)];
  try {
    await redis.set(viewKeys.writeProbe, '1', 'PX', 1000);
    return [];
  } catch (cause) {
    return [`it takes no writes, so PostgreSQL answers: ${cause instanceof Error ? cause.message : cause}`];
  }
}
