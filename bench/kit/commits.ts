import { writeFileSync } from 'node:fs';
import type { Batch } from '@event-tracker/domain';
import { createLedger, createPool, type Pool } from '@event-tracker/storage';
import type pg from 'pg';
import { foldAll } from './fold-all.ts';
import { withClient } from './postgres-client.ts';

/** A statement as it goes over the wire; `begin` and `commit` have neither name nor values. */
export interface SentStatement {
  name?: string;
  text: string;
  values?: (string | number)[];
}

/** One transaction of the ledger, word for word. */
export interface SentCommit {
  events: number;
  statements: SentStatement[];
}

/** Which batches a worker merged into one commit, in the order of its commits: their rows tell, by their transaction. */
export function readCommitGroups(databaseUrl: string): Promise<string[][]> {
  return withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ batches: string[] }>(
      `select array_agg(batch_id::text order by batch_id) as batches
       from batch group by xmin::text order by min(committed_at), min(batch_id::text)`,
    );
    return rows.map((row) => row.batches);
  });
}

/**
 * Commits the batches in these groups through the real ledger, one after the other, and writes what it sent to `file`:
 * a JSON line a commit, as baselines/postgres-alone.ts reads them.
 */
export async function recordCommits(options: {
  databaseUrl: string;
  batches: readonly Batch[];
  groups: readonly (readonly string[])[];
  file: string;
}): Promise<void> {
  const { databaseUrl, batches, groups, file } = options;
  const byId = new Map(batches.map((batch) => [batch.id, batch]));
  const pool = createPool({
    url: databaseUrl,
    applicationName: 'bench',
    max: 1,
    connectTimeoutMs: 5000,
    queryTimeoutMs: 60_000,
    onError: () => {},
  });
  try {
    let statements: SentStatement[] = [];
    const recorded = recording(pool, (sent) => statements.push(sent));
    const ledger = createLedger({ pool: recorded, now: Date.now });
    const lines: string[] = [];
    for (const ids of groups) {
      const group = ids.map((id) => byId.get(id)!);
      statements = [];
      await ledger.commit(group);
      // As the worker does, at most so often; and here after each, so that PostgreSQL alone has the same to do.
      await foldAll(recorded);
      const events = group.reduce((count, batch) => count + batch.events.length, 0);
      lines.push(JSON.stringify({ events, statements } satisfies SentCommit));
    }
    writeFileSync(file, lines.join('\n'));
  } finally {
    await pool.end();
  }
}

/** A pool whose clients tell what is sent through them. */
function recording(pool: Pool, onSent: (statement: SentStatement) => void): Pool {
  const connect = async () => {
    const client = await pool.connect();
    return {
      query(sent: string | SentStatement) {
        onSent(typeof sent === 'string' ? { text: sent } : sent);
        return client.query(sent as pg.QueryConfig);
      },
      on: client.on.bind(client),
      off: client.off.bind(client),
      release: (error?: boolean) => client.release(error),
    };
  };
  const query = (sent: SentStatement) => {
    onSent(sent);
    return pool.query(sent as pg.QueryConfig);
  };
  return { connect, query } as unknown as Pool;
}
