import pg from 'pg';
import type { Pool, PoolClient } from './pool.ts';
import type { Statement } from './sql.ts';

/** The SQLSTATE of an error that PostgreSQL itself reported; undefined when the connection or a time-out failed. */
export function sqlState(cause: unknown): string | undefined {
  return cause instanceof pg.DatabaseError ? cause.code : undefined;
}

/** Sends a statement without waiting for those before it; resolves with its rows. None needs to be awaited. */
export type Send = <Row extends pg.QueryResultRow = never>(
  statement: Statement,
  values: readonly (string | number | null)[],
) => Promise<Row[]>;

/** The same for others' SQL, such as a queue's. */
export type Execute = (text: string, values?: unknown[]) => Promise<{ rows: unknown[] }>;

/**
 * Runs `work` in one READ COMMITTED transaction. What `work` sent and did not await is awaited with the commit, which
 * is pipelined behind it. On an error everything is rolled back, and the first cause is thrown.
 *
 * A connection whose statement ended without a SQLSTATE is destroyed: what it still holds is not known.
 *
 * @param end `rollback` for a probe: it fails as the transaction would, and leaves nothing behind
 */
export async function inTransaction<T>(
  pool: Pool,
  work: (send: Send, execute: Execute) => Promise<T>,
  end: 'commit' | 'rollback' = 'commit',
): Promise<T> {
  const client = await pool.connect();
  const sent: Promise<unknown>[] = [];
  let firstFailure: { cause: unknown } | undefined;

  function track<Result>(query: Promise<Result>): Promise<Result> {
    // Statements behind a failed one fail, too, with 25P02: what was wrong is what failed first.
    query.catch((cause: unknown) => {
      firstFailure ??= { cause };
    });
    sent.push(query);
    return query;
  }
  const send: Send = (statement, values) => {
    const rows = client.query({ ...statement, values: [...values] }).then((result) => result.rows as never);
    return track(rows);
  };
  // PostgreSQL ends a transaction that waits for us for too long: between statements, so that none of them fails of it.
  const noteEnd = (cause: unknown) => {
    firstFailure ??= { cause };
  };
  const execute: Execute = (text, values) => track(client.query({ text, ...(values && { values }) }));

  client.on('error', noteEnd);
  try {
    void track(client.query('begin'));
    const result = await work(send, execute);
    // PostgreSQL answers a commit of a failed transaction with a rollback: nothing is committed by half.
    void track(client.query(end));
    await Promise.all(sent);
    client.release();
    return result;
  } catch (cause) {
    await Promise.allSettled(sent);
    const first = firstFailure ? firstFailure.cause : cause;
    await rollBack(client, first);
    throw first;
  } finally {
    client.off('error', noteEnd);
  }
}

async function rollBack(client: PoolClient, cause: unknown): Promise<void> {
  if (cause instanceof Error && !(cause instanceof pg.DatabaseError)) {
    client.release(true);
    return;
  }
  await client.query('rollback').then(
    () => client.release(),
    () => client.release(true),
  );
}

/** Whether a row found no partition for its day. It shares its SQLSTATE with check constraints, which have a name. */
export function isMissingPartition(cause: unknown): boolean {
  return cause instanceof pg.DatabaseError && cause.code === '23514' && cause.constraint === undefined;
}
