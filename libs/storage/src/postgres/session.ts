import type pg from 'pg';
import { statement } from './sql.ts';

export interface SessionLimits {
  /** In milliseconds; 0: none. */
  statementMs: number;
  lockMs: number;
  /** Between the statements of a transaction. */
  idleInTransactionMs: number;
}

/** A session as it is after its settings were made. */
export interface Session {
  /** The process of PostgreSQL that serves it. */
  pid: number;
  /** The first setting that was made and is not there any more. */
  lost: { name: string; value: string | null } | undefined;
  /** Another client used it before, and left its statements in it. */
  isUsed: boolean;
}

const { text: setSession } = statement('set-session');
const { text: readSession } = statement('read-session');

/**
 * A session can't hold what others wait for: it loses a transaction that its process has stopped in, and ends 10 s after
 * its connection has died. The rest is what the statements rely on, whatever a role or a database has for its default.
 */
const sessionSettings = ({ statementMs, lockMs, idleInTransactionMs }: SessionLimits) => ({
  synchronous_commit: 'on',
  idle_in_transaction_session_timeout: `${idleInTransactionMs}ms`,
  tcp_user_timeout: '10s',
  lock_timeout: `${lockMs}ms`,
  statement_timeout: `${statementMs}ms`,
  // Each long transaction of ours has a limit for its statements, and connections that listen are idle for hours.
  transaction_timeout: '0',
  idle_session_timeout: '0',
  default_transaction_isolation: 'read committed',
  search_path: 'public',
  timezone: 'UTC',
  datestyle: 'ISO, MDY',
});

/**
 * Makes the settings of a session that has just been connected, and looks at them: one round trip on a connection that
 * pipelines. They come after what the URL, the role and the database say, so that none of these can undo them.
 */
export async function settleSession(
  client: pg.ClientBase,
  limits: SessionLimits,
  answerMs: number,
): Promise<Session> {
  const settings = sessionSettings(limits);
  const names = Object.keys(settings);
  const ask = <Row extends pg.QueryResultRow>(text: string, values: unknown[]) =>
    client.query<Row>({ text, values, query_timeout: answerMs } as pg.QueryConfig);
  const [{ rows: made }, { rows: found }] = await Promise.all([
    ask<{ name: string; value: string }>(setSession, [names, Object.values(settings)]),
    ask<{ pid: number; settings: Record<string, string | null>; isUsed: boolean }>(readSession, [names]),
  ]);
  const { pid, settings: now, isUsed } = found[0]!;
  const lost = made.find(({ name, value }) => now[name] !== value)?.name;
  return { pid, isUsed, lost: lost === undefined ? undefined : { name: lost, value: now[lost] ?? null } };
}
