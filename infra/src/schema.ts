import { setTimeout as sleep } from 'node:timers/promises';
import { migrate } from '@event-tracker/storage/migrate';
import { startProgress } from '../setup/shared.mjs';
import { UserError } from './user-error.ts';

/** Milliseconds to wait for a PostgreSQL that is starting, or not there yet. */
const reachLimitMs = 30_000;

/** No server there, or one that is starting or stopping (SQLSTATE 57P01 to 57P03). */
const passing = [
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  '57P01',
  '57P02',
  '57P03',
];

/**
 * Brings the schema up to date, waiting for the server when need be, and returns the migrations that it took.
 * Throws a UserError when the server can't be reached.
 */
export async function updateSchema(databaseUrl: string, signal: AbortSignal): Promise<string[]> {
  const progress = startProgress('Bringing the database schema up to date');
  const deadline = Date.now() + reachLimitMs;
  const { host } = new URL(databaseUrl);
  try {
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted();
      try {
        return await migrate(databaseUrl);
      } catch (cause) {
        const code = (cause as { code?: string }).code ?? '';
        if (!passing.includes(code)) throw cause;
        if (attempt === 1)
          progress.say(
            `PostgreSQL at ${host} does not answer (${code}); trying for ${reachLimitMs / 1000} s.`,
          );
        if (Date.now() > deadline) {
          throw new UserError(
            `PostgreSQL at ${host} can't be reached (${code}): start it, or mend DATABASE_URL.`,
            { cause },
          );
        }
      }
      await sleep(500, undefined, { signal });
    }
  } finally {
    progress.end();
  }
}
