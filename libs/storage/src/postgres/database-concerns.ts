import type { Pool } from './pool.ts';
import { statement } from './sql.ts';

const databaseConcerns = statement('database-concerns');

/** What is wrong with a PostgreSQL that answers: each a sentence for its operator. */
export async function readDatabaseConcerns(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ fsync: string; standbys: string }>(databaseConcerns);
  const { fsync, standbys } = rows[0]!;
  // With a synchronous standby (or, as at Neon, a log kept elsewhere) a commit does not rely on this server's disk.
  return fsync === 'off' && standbys === ''
    ? [
        'PostgreSQL runs with `fsync = off`, so that a crash of its machine loses what was committed: set `fsync = on`',
      ]
    : [];
}
