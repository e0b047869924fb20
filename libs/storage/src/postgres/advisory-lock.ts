import type { Pool } from './pool.ts';

/**
 * Runs `work` while holding a lock that one process in all can hold. `wait` waits for it; `skip` answers undefined
 * when another process holds it.
 */
export async function withAdvisoryLock<T>(
  pool: Pool,
  name: string,
  whenHeld: 'wait' | 'skip',
  work: () => Promise<T>,
): Promise<T | undefined> {
  const client = await pool.connect();
  let healthy = false;
  try {
    const key = `event_tracker.${name}`;
    if (whenHeld === 'wait') {
      await client.query('set statement_timeout = 0; set lock_timeout = 0');
      await client.query({ text: 'select pg_advisory_lock(hashtext($1))', values: [key] });
    } else {
      const { rows } = await client.query<{ held: boolean }>(
        'select pg_try_advisory_lock(hashtext($1)) as held',
        [key],
      );
      if (!rows[0]?.held) {
        healthy = true;
        return undefined;
      }
    }
    return await work();
  } finally {
    // The lock and the settings belong to the session: it ends with them.
    client.release(!healthy);
  }
}
