/** `npm run migrate`: brings the schema of DATABASE_URL, or of the `npm start` that runs in this checkout, up to date. */
import { setTimeout as pause } from 'node:timers/promises';
import { ConfigError, parseConfig, withRunningStores } from '@event-tracker/runtime';
import { sqlState, UnfitPooler } from '@event-tracker/storage';
import { migrate } from '@event-tracker/storage/migrate';
import { workerConfig } from './config.ts';

/** Milliseconds to wait for a PostgreSQL that is starting, or not there yet. */
const reachLimitMs = 30_000;
const pauseMs = 500;

class Unreachable extends Error {}

try {
  const config = parseConfig(workerConfig.pick({ DATABASE_URL: true }), withRunningStores(process.env));
  const applied = await migrateOnceReachable(config.DATABASE_URL);
  const { host, pathname } = new URL(config.DATABASE_URL);
  for (const name of applied) console.log(`Applied ${name}`);
  console.log(
    `The schema of ${host}${pathname} is up to date${applied.length === 0 ? ': there was nothing to do' : ''}.`,
  );
} catch (cause) {
  console.error(
    [ConfigError, Unreachable, UnfitPooler].some((kind) => cause instanceof kind)
      ? (cause as Error).message
      : cause,
  );
  process.exitCode = 1;
}

async function migrateOnceReachable(databaseUrl: string): Promise<string[]> {
  const { host } = new URL(databaseUrl);
  const deadline = performance.now() + reachLimitMs;
  let told = false;
  for (;;) {
    try {
      return await migrate(databaseUrl);
    } catch (cause) {
      const reason = whyNotReached(cause);
      if (!reason) throw cause;
      if (performance.now() > deadline) {
        throw new Unreachable(
          `PostgreSQL at ${host} can't be reached (${reason}): start it, or mend DATABASE_URL.`,
          { cause },
        );
      }
      if (!told)
        console.error(
          `PostgreSQL at ${host} does not answer (${reason}); trying for ${reachLimitMs / 1000} s.`,
        );
      told = true;
    }
    await pause(pauseMs);
  }
}

/** The code of an error that may pass: the system's (ECONNREFUSED), or that of a server that starts or stops (57P0x). */
function whyNotReached(cause: unknown): string | undefined {
  const state = sqlState(cause);
  if (state !== undefined) return state.startsWith('57P0') ? state : undefined;
  const { code } = cause as NodeJS.ErrnoException;
  return code !== undefined && /^E(?!RR_)[A-Z_]+$/.test(code) ? code : undefined;
}
