import { until } from '@event-tracker/testing';
import type { Client } from './http.ts';

const settledLimitMs = 120_000;
const everyMs = 10;

interface Books {
  stored: number;
  inFlight: number | null;
}

/** Whether nothing is on a lane, nor committed and not yet added up. */
export async function isAddedUp(client: Client, stored: number): Promise<boolean> {
  const books = await readBooks(client);
  return books?.inFlight === 0 && books.stored >= stored;
}

/** Waits until nothing is in flight; answers how many events are stored. */
export async function untilAddedUp(client: Client): Promise<number> {
  let books: Books | undefined;
  await until(
    async () => {
      books = await readBooks(client);
      return books?.inFlight === 0;
    },
    { what: 'the end of what is in flight', limitMs: settledLimitMs, everyMs },
  );
  return books!.stored;
}

async function readBooks(client: Client): Promise<Books | undefined> {
  const { status, body } = await client.get('/admin/ledger');
  return status === 200 ? (JSON.parse(body) as Books) : undefined;
}
