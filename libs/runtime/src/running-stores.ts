import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** Written by `npm start` while it runs, removed when it ends: how the other commands of this checkout find its stores. */
export const runningStoresFile = fileURLToPath(new URL('../../../.data/running.json', import.meta.url));

const runningStores = z.object({
  pid: z.int().positive(),
  databaseUrl: z.string().min(1),
  /** Of the fast lane. */
  redisUrl: z.string().min(1),
  /** Of views and caches. A `npm start` of the release before has one Redis for all, and does not name it. */
  viewsRedisUrl: z.string().min(1).optional(),
  apiUrl: z.string().min(1),
});

export type RunningStores = z.infer<typeof runningStores>;

/** The stores of the `npm start` that runs in this checkout; undefined when none does. */
export function readRunningStores(file = runningStoresFile): RunningStores | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  const parsed = runningStores.safeParse(parseJson(text));
  return parsed.success && isAlive(parsed.data.pid) ? parsed.data : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
}
