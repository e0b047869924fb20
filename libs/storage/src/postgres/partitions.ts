import { grains, maximumBehindMs } from '@event-tracker/domain';
import type { ClientBase } from 'pg';
import type { Pool } from './pool.ts';
import { statement } from './sql.ts';

const makePartitionsStatement = statement('make-partitions');

/** Days ahead, so that a worker that sleeps through a midnight still finds its partition. */
const daysAhead = 2;

/** Makes the daily partitions that events may need: from as far back as is accepted to two days ahead. */
export async function keepPartitions(client: ClientBase | Pool, now: number): Promise<void> {
  await makePartitions(client, now - maximumBehindMs, now + daysAhead * grains.day);
}

/** The partitions of all days from one moment to another, both in milliseconds since the epoch. */
export async function makePartitions(client: ClientBase | Pool, from: number, to: number): Promise<void> {
  await client.query({ ...makePartitionsStatement, values: [utcDay(from), utcDay(to)] });
}

function utcDay(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
