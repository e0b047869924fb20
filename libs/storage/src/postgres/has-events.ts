import type { Pool } from './pool.ts';
import { statement } from './sql.ts';

const findEvent = statement('has-events');

/** Whether any event is stored. */
export async function hasEvents(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ found: boolean }>(findEvent);
  return rows[0]!.found;
}
