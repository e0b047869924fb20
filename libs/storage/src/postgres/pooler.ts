import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Session } from './session.ts';

/** A pooler in front of PostgreSQL that does not give each connection a session of its own. */
export class UnfitPooler extends Error {
  override name = 'UnfitPooler';
}

const why =
  'notifications, locks and settings belong to a session here. Set `pool_mode = session` in PgBouncer for this database, or let DATABASE_URL name PostgreSQL itself, or a pooler of sessions';

export interface PoolerCheck {
  /** Rejects with UnfitPooler when a session that was just connected can't be relied on. */
  check(client: pg.ClientBase, session: Session): Promise<void>;
}

/** Each shows a pooler of transactions at once, unless other processes take the server's connections at that moment. */
const rounds = 5;
/** How long a process waits for the answer before it starts without it. */
const soonMs = 500;
/** What was found holds for so long: a pooler's configuration may be loaded anew. */
const holdsMs = 10_000;

/**
 * Tells a pooler by the key that a connection got to cancel its statements: PostgreSQL's own names the process that
 * serves the session. Only behind one is anything asked, over a second connection.
 */
export function createPoolerCheck(connection: pg.ClientConfig, answerMs: number): PoolerCheck {
  let fitUntil = Number.NEGATIVE_INFINITY;
  let trial: Promise<void> | undefined;

  async function tryOut(client: pg.ClientBase): Promise<void> {
    if (await sharesItsSession(client, new pg.Client({ ...connection, query_timeout: answerMs })))
      throw new UnfitPooler(
        `a pooler in front of PostgreSQL gives a session to another connection after each transaction; ${why}`,
      );
    fitUntil = performance.now() + holdsMs;
  }

  return {
    async check(client, session) {
      const { processID } = client as pg.ClientBase & { processID?: number };
      if (session.pid !== processID && performance.now() >= fitUntil) {
        trial ??= tryOut(client).finally(() => {
          trial = undefined;
        });
        await trial;
      }
      if (session.isUsed)
        throw new UnfitPooler(
          'a pooler in front of PostgreSQL gives a session on with what its last connection left in it: set `server_reset_query = DISCARD ALL` in PgBouncer, its default',
        );
      if (session.lost)
        throw new UnfitPooler(
          `PostgreSQL lost the setting ${session.lost.name} of this session (it is ${session.lost.value}); ${why}`,
        );
    },
  };
}

const askPid = 'select pg_backend_pid() as pid';

/** Whether the two are ever served by one process, or the first by another than before, while both are connected. */
async function sharesItsSession(client: pg.ClientBase, other: pg.Client): Promise<boolean> {
  other.on('error', () => {});
  try {
    await other.connect();
    const own = await servedBy(client);
    for (let round = 0; round < rounds; round += 1) {
      // First without a transaction: a pooler of statements does not take any.
      if ((await servedBy(other)) === own) return true;
      await other.query('begin');
      if ((await servedBy(other)) === own || (await servedBy(client)) !== own) return true;
      await other.query('rollback');
    }
    return false;
  } catch {
    // A pooler that has no session left for the other one, or PostgreSQL that goes away, shows nothing.
    return false;
  } finally {
    other.end().catch(() => {});
  }
}

async function servedBy(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ pid: number }>(askPid);
  return rows[0]!.pid;
}

/**
 * Rejects with UnfitPooler behind one. A store that is away, or does not answer at once, keeps no process from starting:
 * `onLate` is called when it turns out to be one after that.
 */
export async function refuseUnfitPooler(pool: pg.Pool, onLate: (cause: unknown) => void): Promise<void> {
  const asked = pool.query('select').then(
    () => undefined,
    (cause: unknown) => (cause instanceof UnfitPooler ? cause : undefined),
  );
  const soon = await Promise.race([asked, pause(soonMs, 'late' as const, { ref: false })]);
  if (soon === 'late') void asked.then((cause) => cause && onLate(cause));
  else if (soon) throw soon;
}
