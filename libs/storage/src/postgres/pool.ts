import type { Socket } from 'node:net';
import { joinWrites } from '@event-tracker/runtime/join-writes';
import pg from 'pg';
import { createPoolerCheck } from './pooler.ts';
import { settleSession } from './session.ts';

export type Pool = pg.Pool;
export type PoolClient = pg.PoolClient;

export interface PoolOptions {
  url: string;
  applicationName: string;
  /** Connections at most. */
  max: number;
  /** Longest wait for a connection, and for an answer, in milliseconds. */
  connectTimeoutMs: number;
  queryTimeoutMs: number;
  /** Called when a connection breaks, idle or in use; it is replaced by itself. */
  onError(cause: unknown): void;
}

/** What the types of pg don't know yet: statements are pipelined, and a connect waits for `onConnect`. */
interface PoolConfig extends Omit<pg.PoolConfig, 'onConnect'> {
  pipeline: boolean;
  onConnect(client: pg.ClientBase): Promise<void>;
}

/** In milliseconds: how long a lock of another session is waited for at most, and how long a stopped process keeps its own. */
const lockMaxMs = 5000;
const idleInTransactionMs = 2000;

// bigint comes as text by default. Counts and ids stay below 2^53, which CONTRACT §2 bounds for ids.
const int8Oid = 20;
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format: 'text' | 'binary' | undefined) =>
    oid === int8Oid && format !== 'binary'
      ? Number
      : pg.types.getTypeParser(oid, format)) as pg.CustomTypesConfig['getTypeParser'],
};

/**
 * A pool of sessions whose settings hold: a connection is given out only once they are made and were seen to stand, and
 * never behind a pooler that loses them. A lock of another session is waited for less than a statement may take, so that
 * who waited for others is known from who was slow itself. Statements of one client are pipelined: they are sent without
 * waiting for each other.
 */
export function createPool(options: PoolOptions): Pool {
  const { connectTimeoutMs, queryTimeoutMs } = options;
  const limits = {
    statementMs: queryTimeoutMs,
    lockMs: Math.min(lockMaxMs, Math.ceil(queryTimeoutMs * 0.8)),
    idleInTransactionMs,
  };
  const connection: pg.ClientConfig = {
    connectionString: withoutLimits(options.url),
    application_name: options.applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
  };
  const pooler = createPoolerCheck(connection, connectTimeoutMs);
  const config: PoolConfig = {
    ...connection,
    max: options.max,
    query_timeout: queryTimeoutMs + 1000,
    pipeline: true,
    types,
    onConnect: async (client) => {
      const session = await settleSession(client, limits, connectTimeoutMs).catch((cause: Error) => {
        // As a failed connect: nothing of the caller's was too slow, or at fault.
        throw new Error(`a session could not be begun: ${cause.message}`, { cause });
      });
      await pooler.check(client, session);
    },
  };
  const pool = new pg.Pool(config);
  // The pool listens to idle clients alone: one that breaks in somebody's hands would end the process.
  pool.on('connect', (client) => {
    client.on('error', options.onError);
    // pg does not declare its socket.
    joinWrites((client as unknown as { connection: { stream: Socket } }).connection.stream);
  });
  pool.on('error', () => {});
  return pool;
}

/** A server that is there answers so soon, in milliseconds. */
const answerMs = 2000;

/** Rejects unless PostgreSQL answers, and soon. That it takes writes is not said. */
export async function askPostgres(pool: Pool): Promise<void> {
  const query: pg.QueryConfig & { query_timeout: number } = { text: 'select', query_timeout: answerMs };
  await pool.query(query);
}

/** In a URL they would win over ours, and PgBouncer refuses those that are sent with the connection. */
const limitNames = [
  'query_timeout',
  'statement_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
];

/** The URL as it is, unless it has time-outs of its own. */
export function withoutLimits(url: string): string {
  const parsed = URL.parse(url);
  if (!parsed || !limitNames.some((name) => parsed.searchParams.has(name))) return url;
  for (const name of limitNames) parsed.searchParams.delete(name);
  return parsed.href;
}
