import { repeat } from '@event-tracker/runtime';
import type pg from 'pg';

const everyMs = 20;

/** What sessions of PostgreSQL wait for, by name: the share of all that was seen. */
export type Waits = ReadonlyMap<string, number>;

/**
 * Looks again and again what the sessions that are in the middle of something wait for. `on a processor`: for nothing;
 * `Client:ClientRead`: for their client, within a transaction. The answer ends it.
 */
export function watchWaits(client: pg.Client): () => Promise<Waits> {
  const seen = new Map<string, number>();
  const stop = repeat(
    everyMs,
    async () => {
      const { rows } = await client.query<{ event: string; sessions: number }>({
        name: 'waits',
        text: `select coalesce(wait_event_type || ':' || wait_event, 'on a processor') as event, count(*)::integer as sessions
          from pg_stat_activity
          where backend_type = 'client backend' and state <> 'idle' and pid <> pg_backend_pid()
          group by 1`,
      });
      for (const { event, sessions } of rows) seen.set(event, (seen.get(event) ?? 0) + sessions);
    },
    () => {},
  );
  return async () => {
    await stop();
    return sharesOf([seen]);
  };
}

/** Those of several measurements, as one. */
export function sharesOf(waits: readonly Waits[]): Waits {
  const sums = new Map<string, number>();
  for (const one of waits) for (const [event, share] of one) sums.set(event, (sums.get(event) ?? 0) + share);
  const all = [...sums.values()].reduce((sum, share) => sum + share, 0);
  const shares = [...sums].map(([event, share]): [string, number] => [event, share / all]);
  return new Map(shares.sort(([, a], [, b]) => b - a));
}
