import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPgBouncer, freePort, isRoot, unprivilegedIdentity } from '@event-tracker/infra';
import pg from 'pg';
import { poll } from './poll.ts';
import { createTestFolder } from './test-folder.ts';

export interface TestPgBouncer {
  /** The same database, through PgBouncer. */
  url: string;
  /** Loads these settings anew, with those that it began with. */
  reload(settings: Settings): Promise<void>;
  stop(): Promise<void>;
}

type Settings = Record<string, string | number>;

/** A PgBouncer of a test's own in front of a database. It lets everybody in who reaches it, on loopback alone. */
export async function startTestPgBouncer(databaseUrl: string, settings: Settings): Promise<TestPgBouncer> {
  const { path } = findPgBouncer();
  if (!path) throw new Error('PgBouncer is missing: `npm test` installs it');
  const folder = createTestFolder();
  const file = join(folder.path, 'pgbouncer.ini');
  const port = await freePort();
  const server = new URL(databaseUrl);
  const database = server.pathname.slice(1);

  function configure(more: Settings): void {
    const all = {
      listen_addr: '127.0.0.1',
      listen_port: port,
      unix_socket_dir: '',
      auth_type: 'any',
      ...settings,
      ...more,
    };
    const lines = [
      '[databases]',
      `${database} = host=${server.hostname} port=${server.port} user=${server.username} password=${server.password}`,
      '[pgbouncer]',
      ...Object.entries(all).map(([name, value]) => `${name} = ${value}`),
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
  }
  configure({});

  // It refuses to run as root.
  const identity = isRoot() ? unprivilegedIdentity() : {};
  const child = spawn(path, [file], { cwd: '/', stdio: ['ignore', 'ignore', 'pipe'], ...identity });
  let log = '';
  child.stderr.on('data', (chunk) => (log += chunk));
  const ended = once(child, 'exit');
  process.once('exit', () => child.kill('SIGKILL'));
  const url = new URL(databaseUrl);
  url.port = String(port);

  await poll(
    async () => {
      if (child.exitCode !== null) throw new Error(`PgBouncer ended at its start:\n${log}`);
      const client = new pg.Client(url.href);
      client.on('error', () => {});
      await client.connect();
      await client.end();
      return true;
    },
    { what: 'the start of PgBouncer' },
  );
  return {
    url: url.href,
    async reload(more) {
      configure(more);
      const before = log.length;
      child.kill('SIGHUP');
      await poll(() => (/RELOAD|re-reading|SIGHUP/i.test(log.slice(before)) ? true : undefined), {
        what: 'the reload of PgBouncer',
      });
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
      folder.remove();
    },
  };
}
