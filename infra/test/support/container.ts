import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { poll } from '@event-tracker/testing';
import type { Image } from './build-image.ts';

type Environment = Record<string, string>;
type Ended = number | NodeJS.Signals;

export interface Container {
  /** Resolves with the address that it logs once it listens. */
  address(): Promise<URL>;
  ended: Promise<Ended>;
  stop(): Promise<Ended>;
  output(): string;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * Runs an image's command, or another one in it, as the image's user (where this process may become another one) and
 * with no program but those of `binFolder`.
 */
export function runContainer(
  image: Image,
  options: { binFolder: string; env: Environment; command?: string[] },
): Container {
  const [program = '', ...args] = options.command ?? image.command;
  const child = spawn(program, args, {
    cwd: join(image.root, image.workdir),
    env: { ...image.env, PATH: options.binFolder, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(process.getuid?.() === 0 ? image.user : {}),
  });
  running.add(child);
  let output = '';
  const keep = (chunk: string) => {
    output += chunk;
  };
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  const ended = once(child, 'close').then(([code, signal]) => {
    running.delete(child);
    return (code ?? signal) as Ended;
  });
  return {
    address: () =>
      poll(
        () => {
          const address = /"address":"([^"]+)"/.exec(output)?.[1];
          return address === undefined ? undefined : new URL(address);
        },
        { what: `that ${program} ${args.join(' ')} listens` },
      ).catch((cause: Error) => {
        throw new Error(`${cause.message}:\n${output}`, { cause });
      }),
    ended,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
    output: () => output,
  };
}
