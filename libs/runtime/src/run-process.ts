import { type Closers, createClosers } from './closers.ts';
import { createLogger, type Logger } from './logger.ts';

/** CONTRACT: a process that is told to end is gone within 20 s. What has not closed by then is cut off. */
const shutdownLimitMs = 18_000;

export interface Running<Config> {
  config: Config;
  log: Logger;
  closers: Closers;
  /** Ends the process in order, as a signal would, with exit code 1. */
  fail(reason: string, cause: unknown): void;
}

/**
 * The frame of a long-running process: `start` opens its resources on the stack of closers; the first SIGTERM or
 * SIGINT closes them and exits 0, repeated signals change nothing. Invalid configuration, a failed start, an uncaught
 * exception or a close that takes longer than 18 s exits 1.
 */
export async function runProcess<Config extends { LOG_LEVEL: string }>(
  name: string,
  loadConfig: () => Config,
  start: (running: Running<Config>) => Promise<void>,
): Promise<void> {
  let config: Config;
  try {
    config = loadConfig();
  } catch (cause) {
    process.stderr.write(`${cause instanceof Error ? cause.message : cause}\n`);
    process.exitCode = 1;
    return;
  }
  const log = createLogger({ name, level: config.LOG_LEVEL });
  const closers = createClosers((resource, cause) => log.error({ err: cause, resource }, 'could not close'));

  let ending = false;
  async function end(reason: string, exitCode: number): Promise<void> {
    if (ending) return;
    ending = true;
    log.info({ reason }, 'shutting down');
    setTimeout(() => {
      log.fatal('not everything closed in time');
      process.exit(1);
    }, shutdownLimitMs).unref();
    const failed = await closers.closeAll().then(
      () => false,
      () => true,
    );
    log.info('ended');
    log.flush(() => process.exit(failed ? 1 : exitCode));
  }
  function fail(reason: string, cause: unknown): void {
    log.fatal({ err: cause }, reason);
    void end(reason, 1);
  }

  process.on('SIGTERM', () => void end('SIGTERM', 0));
  process.on('SIGINT', () => void end('SIGINT', 0));
  process.on('uncaughtException', (cause) => fail('uncaught exception', cause));
  try {
    await start({ config, log, closers, fail });
  } catch (cause) {
    fail('could not start', cause);
  }
}
