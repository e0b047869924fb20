import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findNginx, freePort } from '@event-tracker/infra';
import { until } from './poll.ts';
import { createTestFolder, quickestParent } from './test-folder.ts';

export interface TestNginx {
  /** Such as http://127.0.0.1:41234. */
  url: string;
  stop(): Promise<void>;
}

/** A real nginx with these directives in its only server, in a folder of its own: nothing of the system's is used. */
export async function startNginx(server: string): Promise<TestNginx> {
  const { path } = findNginx();
  if (path === undefined)
    throw new Error('nginx is missing: npm test looks for it and says how to install it');
  const folder = createTestFolder(quickestParent());
  const port = await freePort();
  writeFileSync(join(folder.path, 'nginx.conf'), configuration(port, server));
  const child = spawn(path, ['-p', folder.path, '-c', 'nginx.conf', '-e', 'error.log'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = once(child, 'exit');
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  const url = `http://127.0.0.1:${port}`;
  await until(
    () => {
      if (child.exitCode !== null) throw new Error(`nginx ended at its start:\n${said}`);
      return fetch(url).then(
        () => true,
        () => false,
      );
    },
    { what: 'the start of nginx' },
  );
  return {
    url,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      process.off('exit', kill);
      folder.remove();
    },
  };
}

/** One process that stays in the foreground, so that to end it is to end all of it. */
const configuration = (port: number, server: string) => `
daemon off;
master_process off;
pid nginx.pid;
error_log stderr warn;
events {}
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  server {
    listen 127.0.0.1:${port};
    ${server}
  }
}
`;
