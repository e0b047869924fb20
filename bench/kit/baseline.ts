import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Baseline {
  url: string;
  pid: number;
  stop(): Promise<void>;
}

const folder = fileURLToPath(new URL('../baselines', import.meta.url));

/** Starts a server from `baselines/`; it prints its address as its first line. */
export async function startBaseline(file: string, env: Readonly<Record<string, string>>): Promise<Baseline> {
  const child = spawn(process.execPath, [file], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  const exit = once(child, 'exit');
  const first = once(createInterface(child.stdout), 'line').then(([line]) => String(line));
  const url = await Promise.race([
    first,
    exit.then(([code, signal]) => {
      throw new Error(`${file} ended at its start (${code ?? signal})`);
    }),
  ]);
  return {
    url,
    pid: child.pid!,
    async stop() {
      child.kill('SIGTERM');
      await exit;
      process.off('exit', kill);
    },
  };
}
