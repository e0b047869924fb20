import pg from 'pg';

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

// bigint comes as text by default. Counts and ids stay below 2^53, which CONTRACT §2 bounds for ids.
const int8Oid = 20;
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format: 'text' | 'binary' | undefined) =>
    oid === int8Oid && format !== 'binary'
      ? Number
      : pg.types.getTypeParser(oid, format)) as pg.CustomTypesConfig['getTypeParser'],
};

/**
 * A pool whose sessions can't hold what others wait for: a stopped process loses its transaction after 2 s, a lock is
 * waited for 5 s at most, and for less than a statement may take, so that who waited for others is known from who was
 * slow itself. Statements of one client are pipelined: they are sent without waiting for each other.
 */
export function createPool(options: PoolOptions): Pool {
  const settings = {
    synchronous_commit: 'on',
    idle_in_transaction_session_timeout: '2s',
    lock_timeout: `${Math.min(5000, Math.ceil(options.queryTimeoutMs * 0.8))}ms`,
    statement_timeout: `${options.queryTimeoutMs}ms`,
    tcp_user_timeout: '10s',
    timezone: 'UTC',
  };
  const config: pg.PoolConfig & { pipeline: boolean } = {
    connectionString: options.url,
    application_name: options.applicationName,
    max: options.max,
    connectionTimeoutMillis: options.connectTimeoutMs,
    query_timeout: options.queryTimeoutMs + 1000,
    keepAlive: true,
    pipeline: true,
    types,
    options: Object.entries(settings)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(' '),
  };
  const pool = new pg.Pool(config);
  // The pool listens to idle clients alone: one that breaks in somebody's hands would end the process.
  pool.on('connect', (client) => client.on('error', options.onError));
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
