import pg from 'pg';

/**
 * Looks, as often as it can until `work` is done, for sessions of the database that wait for a row, for another transaction,
 * or for one of our own locks. Answers how often it looked, and what it found.
 */
export async function lockWaitsDuring(
  url: string,
  work: () => Promise<unknown>,
): Promise<{ looks: number; waits: string[] }> {
  const client = new pg.Client(url);
  await client.connect();
  let done = false;
  const waits = new Set<string>();
  let looks = 0;
  const looking = async () => {
    while (!done) {
      const { rows } = await client.query<{ wait: string }>(
        `select concat_ws(' ', locktype, relation::regclass::text, left(query, 60)) as wait
         from pg_locks join pg_stat_activity using (pid)
         where not granted and datname = current_database() and locktype in ('transactionid', 'tuple', 'advisory')
         union all
         select concat_ws(' ', wait_event, left(query, 60))
         from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock'
           and wait_event in ('transactionid', 'tuple', 'advisory')`,
      );
      for (const { wait } of rows) waits.add(wait);
      looks += 1;
    }
  };
  try {
    await Promise.all([looking(), work().finally(() => (done = true))]);
    return { looks, waits: [...waits] };
  } finally {
    await client.end();
  }
}
