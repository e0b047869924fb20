import { asAdmin, poll, until } from '@event-tracker/testing';
import type { Redis } from 'ioredis';
import type pg from 'pg';
import type { LedgerAnswer } from '../apps/api/src/reads/ledger.ts';
import { differences } from './compare-stores.ts';

const viewsLimitMs = 45_000;

/** Waits until the lanes are empty, all is added up and every view debt is paid; resolves with the books. */
export async function untilAtRest(options: {
  urls: () => readonly string[];
  database: pg.Client;
  redis: Redis;
  limitMs: number;
}): Promise<LedgerAnswer> {
  const { urls, database, redis, limitMs } = options;
  const readBooks = async () =>
    (await (
      await fetch(`${urls()[0]}/admin/ledger`, { headers: asAdmin, signal: AbortSignal.timeout(5000) })
    ).json()) as LedgerAnswer;
  return poll(
    async () => {
      const ledger = await readBooks();
      const left = await waitingJobs(database, redis);
      if (ledger.inFlight !== 0 || left > 0)
        throw new Error(`${left} jobs are left; the books: ${JSON.stringify(ledger)}`);
      const { rows } = await database.query(waitsToBeAddedUp);
      if (Object.values(rows[0]).some((count) => count !== 0))
        throw new Error(`not all is added up: ${JSON.stringify(rows[0])}`);
      return ledger;
    },
    { limitMs, everyMs: 200, what: 'rest' },
  );
}

const waitsToBeAddedUp = `
  select (select count(*)::int from pending_change) as changes, (select count(*)::int from pending_entry) as entries,
    (select count(*)::int from view_debt) as debts`;

const lists = ['wait', 'active', 'paused'];
const sortedSets = ['delayed', 'prioritized', 'failed'];

/** Jobs on both lanes, asked of the stores themselves. */
async function waitingJobs(database: pg.Client, redis: Redis): Promise<number> {
  const { rows } = await database.query<{ jobs: number }>(
    "select count(*)::int as jobs from pgboss.job where name = 'events' and state <> 'completed'",
  );
  const counts = await Promise.all(
    ['events', 'quarantine'].flatMap((queue) => [
      ...lists.map((list) => redis.llen(`{lane}:${queue}:${list}`)),
      ...sortedSets.map((set) => redis.zcard(`{lane}:${queue}:${set}`)),
    ]),
  );
  return counts.reduce((sum, count) => sum + count, rows[0]!.jobs);
}

/** What is wrong with the books and the counts of a system at rest; a line for each. */
export async function wrongAtRest(options: {
  ledger: LedgerAnswer;
  acknowledged: number;
  database: pg.Client;
  redis: Redis;
  since: number;
}): Promise<string[]> {
  const { ledger, acknowledged, database, redis, since } = options;
  const wrong: string[] = [];
  const { received, duplicate, stored, dead, missing, balanced } = ledger;
  const adds = received === duplicate + stored + dead && acknowledged <= received;
  if (!adds || missing !== 0 || balanced !== true)
    wrong.push(`the books do not balance: ${JSON.stringify(ledger)}, ${acknowledged} acknowledged`);
  if (dead > 0) wrong.push(`${dead} events are among the dead letters, and none was bad`);
  const { rows } = await database.query<{ count: number }>('select count(*)::int as count from event');
  if (rows[0]!.count !== stored)
    wrong.push(`${rows[0]!.count} rows of event, and ${stored} stored by the books`);

  // A debt is paid before the last merge of the same minutes by somebody else has returned: the views get a moment.
  let differing: string[] = [];
  const alike = async () => {
    differing = await differences(database, redis, since);
    return differing.length === 0;
  };
  await until(alike, { limitMs: viewsLimitMs, everyMs: 500 }).catch((cause) => {
    if (differing.length === 0) throw cause;
    wrong.push(...differing.slice(0, 20), `${differing.length} differences of counts in all`);
  });
  return wrong;
}
