import { readdirSync } from 'node:fs';
import { durableLaneName } from '@event-tracker/queue';
import type { Pool } from './pool.ts';

const latest = readdirSync(new URL('migrations', import.meta.url))
  .filter((file) => file.endsWith('.sql'))
  .map((file) => file.replace(/\.sql$/, ''))
  .sort()
  .at(-1);

/** Rejects unless the database has every migration that this code was written for. */
export async function checkSchema(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ known: boolean }>(
    "select to_regclass('public.schema_migration') is not null as known",
  );
  if (!rows[0]?.known) throw new Error('the database has no schema yet: run `npm run migrate`');
  const { rowCount } = await pool.query('select from schema_migration where name = $1', [latest]);
  if (!rowCount) throw new Error(`the schema lacks migration ${latest}: run \`npm run migrate\``);
  const { rows: lanes } = await pool.query<{ known: boolean }>(
    "select to_regclass('pgboss.queue') is not null as known",
  );
  const queue = lanes[0]?.known
    ? await pool.query('select from pgboss.queue where name = $1', [durableLaneName])
    : undefined;
  if (!queue?.rowCount) throw new Error('the database has no durable lane yet: run `npm run migrate`');
}
