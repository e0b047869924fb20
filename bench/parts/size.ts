import { readFileSync } from 'node:fs';
import type { Batch } from '@event-tracker/domain';
import { createLedger, createPool, type Redis } from '@event-tracker/storage';
import type pg from 'pg';
import { fillLane } from '../kit/backlog.ts';
import { makeBatches } from '../kit/backlog-events.ts';
import { foldAll } from '../kit/fold-all.ts';
import type { Bench, Part } from '../kit/part.ts';
import { withClient } from '../kit/postgres-client.ts';
import { sum } from '../kit/rounds.ts';

import { type Stores, startStores } from '../kit/stores.ts';
import { figure, table } from '../kit/table.ts';

export const size: Part = {
  name: 'size',
  about:
    'Bytes of Redis per queued event (used_memory, batches of different sizes on the lane), and bytes of PostgreSQL per stored event by table and index, after VACUUM. Sizes are the same every time: no rounds.',
  takes: { scenario: true },
  run,
};

const sizesQuery = readFileSync(new URL('../sql/sizes.sql', import.meta.url), 'utf8');

const batchesPerCommit = 4;
const commitsInFlight = 2;

/** What distinguishes the databases: the more events share a minute, the fewer rows of counts each of them pays for. */
const kinds = {
  'server ids, 10,000/s': { clientIds: 0, perSecond: 10_000 },
  'client ids, 10,000/s': { clientIds: 1, perSecond: 10_000 },
  'server ids, 1,000/s': { clientIds: 0, perSecond: 1_000 },
} as const;
type Kind = keyof typeof kinds;

async function run(bench: Bench): Promise<string[]> {
  const stores = await startStores(bench);
  const events = bench.quick ? 20_000 : 500_000;
  const queued = await queuedSizes(stores, bench, bench.quick ? 1_000 : 10_000);

  const stored = new Map<Kind, Map<string, number>>();
  for (const kind of Object.keys(kinds) as Kind[]) {
    const database = await stores.createDatabase();
    const bytes = await storedSizes(database.url, events, kind, bench);
    await database.drop();
    bench.say(`  –  ${kind}: ${figure(sum([...bytes.values()]) / events)} bytes an event`);
    stored.set(kind, bytes);
  }
  const names = [...new Set([...stored.values()].flatMap((bytes) => [...bytes.keys()]))].sort();
  const shown = names.filter((name) => [...stored.values()].some((bytes) => (bytes.get(name) ?? 0) > 0));
  const total = (kind: Kind) => sum([...stored.get(kind)!.values()]) / events;

  return [
    stores.about,
    'Redis, bytes per queued event; sought: 250.',
    table(
      [
        { head: 'events a batch', cell: (one) => one.perBatch },
        { head: 'server ids', cell: (one) => figure(one.server) },
        { head: 'client ids', cell: (one) => figure(one.client) },
      ],
      queued,
    ),
    `PostgreSQL, bytes per stored event, beyond an empty schema: ${figure(events)} events in batches of 500, evenly at the given rate. Sought: 250 with server ids, 320 with client ids.`,
    table(
      [
        { head: 'table or index', cell: (name: string) => name },
        ...(Object.keys(kinds) as Kind[]).map((kind) => ({
          head: kind,
          cell: (name: string) => figure((stored.get(kind)!.get(name) ?? total(kind) * events) / events),
        })),
      ],
      [...shown, 'all'],
    ),
  ];
}

async function queuedSizes(stores: Stores, { scenario }: Bench, jobsMax: number) {
  const measure = async (perBatch: number, clientIds: number): Promise<number> => {
    await stores.settle();
    const events = Math.min(jobsMax, 100_000 / perBatch) * perBatch;
    const batches = makeBatches({ events, perBatch, perSecond: 10_000, clientIds, scenario });
    const before = await usedMemory(stores.redis);
    await fillLane(stores.redis, batches);
    return ((await usedMemory(stores.redis)) - before) / events;
  };
  // The scripts that Redis keeps from the first job on are no part of an event.
  await measure(1, 0);
  const rows: { perBatch: number; server: number; client: number }[] = [];
  for (const perBatch of [500, 50, 5, 1]) {
    rows.push({ perBatch, server: await measure(perBatch, 0), client: await measure(perBatch, 1) });
  }
  await stores.settle();
  return rows;
}

/** Without what is in passage: the buffers of clients and of the append-only file. */
async function usedMemory(redis: Redis): Promise<number> {
  const memory = await redis.info('memory');
  const bytes = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(memory)![1]);
  return bytes('used_memory') - bytes('mem_clients_normal') - bytes('mem_aof_buffer');
}

function storedSizes(
  databaseUrl: string,
  events: number,
  kind: Kind,
  { scenario, signal }: Bench,
): Promise<Map<string, number>> {
  return withClient(databaseUrl, async (client) => {
    await client.query('vacuum');
    const empty = await readSizes(client);
    await commitAll(databaseUrl, makeBatches({ events, perBatch: 500, scenario, ...kinds[kind] }), signal);
    await client.query('vacuum');
    const full = await readSizes(client);
    return new Map([...full].map(([name, bytes]) => [name, bytes - (empty.get(name) ?? 0)]));
  });
}

async function readSizes(client: pg.Client): Promise<Map<string, number>> {
  const { rows } = await client.query<{ table_name: string; index_name: string | null; bytes: number }>(
    sizesQuery,
  );
  return new Map(
    rows.map((row) => [
      row.index_name === null ? row.table_name : `${row.table_name}: ${row.index_name}`,
      row.bytes,
    ]),
  );
}

/** As a worker does, but for the views. */
async function commitAll(databaseUrl: string, batches: Batch[], signal: AbortSignal): Promise<void> {
  const pool = createPool({
    url: databaseUrl,
    applicationName: 'bench',
    max: commitsInFlight,
    connectTimeoutMs: 5000,
    queryTimeoutMs: 60_000,
    onError: () => {},
  });
  const ledger = createLedger({ pool, now: Date.now });
  async function commitSome(): Promise<void> {
    while (batches.length > 0) {
      signal.throwIfAborted();
      await ledger.commit(batches.splice(0, batchesPerCommit));
      await foldAll(pool);
    }
  }
  try {
    await Promise.all(Array.from({ length: commitsInFlight }, commitSome));
  } finally {
    await pool.end();
  }
}
