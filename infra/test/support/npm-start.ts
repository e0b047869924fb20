import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileCache, until } from '@event-tracker/testing';
import { commandLine } from '../../setup/shared.mjs';

export interface NpmStart {
  output(): string;
  /** Resolves to the exit code of npm. */
  ended: Promise<number | null>;
  untilReady(): Promise<{
    apiUrl: string;
    pid: number;
    databaseUrl: string;
    redisUrl: string;
    viewsRedisUrl: string;
  }>;
  /** To npm and what shares its process group, as Ctrl-C in a terminal does. */
  signalGroup(signal: NodeJS.Signals): void;
  /** Ends it, in whatever state it is. */
  stop(): Promise<void>;
}

/** Runs `npm start` in a checkout, on free ports. */
export function npmStart(checkout: string, env: Record<string, string> = {}): NpmStart {
  const {
    DATABASE_URL: _database,
    REDIS_URL: _redis,
    QUEUE_REDIS_URL: _queueRedis,
    VIEWS_REDIS_URL: _viewsRedis,
    ...inherited
  } = process.env;
  const child = spawn('npm', ['start'], {
    cwd: checkout,
    env: { ...inherited, ...compileCache, PORT: '0', WORKER_PORT: '0', LOG_LEVEL: 'error', ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk: string) => {
    output += chunk;
  };
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  const ended = new Promise<number | null>((resolve) => void child.once('close', resolve));
  const signalGroup = (signal: NodeJS.Signals) => void process.kill(-(child.pid as number), signal);

  return {
    output: () => output,
    ended,
    signalGroup,
    untilReady: async () => {
      await until(() => output.includes('is ready') || child.exitCode !== null, {
        what: '`npm start` is ready',
      });
      if (!output.includes('is ready')) throw new Error(`npm start ended before it was ready:\n${output}`);
      return JSON.parse(readFileSync(join(checkout, '.data', 'running.json'), 'utf8'));
    },
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) signalGroup('SIGTERM');
      await ended;
    },
  };
}

const records = {
  api: 'api.json',
  worker: 'worker.json',
  redis: 'redis/process.json',
  viewsRedis: 'redis-views/process.json',
  postgres: 'postgres/process.json',
};

/** The process ids of what `npm start` runs. */
export function processIds(checkout: string): Record<keyof typeof records, number> {
  const pid = (file: string) => JSON.parse(readFileSync(join(checkout, '.data', file), 'utf8')).pid;
  return {
    api: pid(records.api),
    worker: pid(records.worker),
    redis: pid(records.redis),
    viewsRedis: pid(records.viewsRedis),
    postgres: pid(records.postgres),
  };
}

export const untilGone = (pids: Record<string, number>): Promise<void> =>
  until(() => Object.values(pids).every((pid) => commandLine(pid) === undefined), {
    what: 'the end of all processes',
  });
