import { createOutageNote, type Running } from '@event-tracker/runtime';
import { createPool, type Pool } from '@event-tracker/storage';
import type { ApiConfig } from '../config.ts';

/** Opens a pool of so many connections, whose statements take no longer than the limit. */
export type OpenPool = (applicationName: string, max: number, limitMs?: number) => Pool;

/** The pools of one process: an outage is told once for all of them. */
export function createPoolOpener({ config, log, closers }: Running<ApiConfig>): OpenPool {
  const note = createOutageNote(log, 'PostgreSQL');
  return (applicationName, max, limitMs = config.DATABASE_TIMEOUT_MS) => {
    const pool = createPool({
      url: config.DATABASE_URL,
      applicationName,
      max,
      connectTimeoutMs: Math.min(2000, limitMs),
      queryTimeoutMs: limitMs,
      onError: note.away,
    });
    pool.on('connect', note.back);
    closers.add(applicationName, () => pool.end());
    return pool;
  };
}
