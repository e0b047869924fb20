import { readFileSync } from 'node:fs';
import type { ClientBase } from 'pg';
import { withClient } from './postgres-client.ts';

const dayMs = 86_400_000;

/** Partitions reach 30 days back. */
export const historyDays = 28;

/** Keys that clients supplied are kept for some days, not for ever. */
const daysWithKeys = 7;

const noonMs = dayMs / 2;

/** Days that are made at once. */
const connections = 2;

function sql(name: string): string {
  return readFileSync(new URL(`../sql/${name}.sql`, import.meta.url), 'utf8');
}

/**
 * Makes a database look as if so many events had been stored over the last 28 days, in five minutes of each day:
 * events, counts, also of the days, batches, the books, every like state, and the ids that clients supplied for half of the events of the
 * last seven days. Answers the number of events: a multiple of 28 × 500, close to what was asked for.
 */
export async function fillHistory(databaseUrl: string, events: number): Promise<number> {
  const perDay = Math.round(events / historyDays / 500) * 500;
  const today = Date.now() - (Date.now() % dayMs);
  const fillDay = async (client: ClientBase, back: number) => {
    const start = new Date(today - back * dayMs + noonMs);
    await client.query('begin');
    await client.query(sql('history-events'), [start, perDay]);
    await client.query(sql('history-statistic'), [start]);
    await client.query(sql('history-minute-counts'), [start]);
    for (const grain of ['hour', 'day']) await client.query(sql('history-coarser-counts'), [start, grain]);
    await client.query(sql('history-batches'), [start, perDay]);
    if (back <= daysWithKeys) await client.query(sql('history-event-keys'), [start, perDay]);
    await client.query('commit');
  };
  const left = Array.from({ length: historyDays }, (_, at) => historyDays - at);
  await Promise.all(
    Array.from({ length: connections }, () =>
      withClient(databaseUrl, async (client) => {
        for (let back = left.shift(); back !== undefined; back = left.shift()) await fillDay(client, back);
      }),
    ),
  );
  return withClient(databaseUrl, async (client) => {
    await client.query(sql('history-likes'), [new Date(today - noonMs)]);
    await client.query(sql('history-books'), [perDay * historyDays]);
    await client.query(sql('history-days'), [new Date(today), historyDays, perDay]);
    // What autovacuum would do by and by; it is not to begin in the middle of a measurement.
    await client.query('vacuum (analyze)');
    return perDay * historyDays;
  });
}
