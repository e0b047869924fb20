import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { explain } from '../explain.ts';
import { UserError } from '../user-error.ts';

/** What a command's arguments say. */
export interface BackupArguments {
  folder: string;
  force: boolean;
}

/**
 * The frame of `npm run backup` and `npm run restore`: prints what is meant for the reader, answers a signal by ending in
 * order, and exits 1 after a failure.
 */
export async function runCommand(
  work: (signal: AbortSignal) => Promise<void>,
  interrupted: string,
): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort(signal));
  try {
    await work(stop.signal);
  } catch (cause) {
    process.exitCode = 1;
    console.error(`\n${stop.signal.aborted ? interrupted : explain(cause)}\n`);
  }
}

/** Reads `DIR`, and `--force` where it is known. A relative folder is below the one in which npm was called. */
export function readArguments(args: string[], usage: string, knowsForce: boolean): BackupArguments {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: knowsForce ? { force: { type: 'boolean', default: false } } : {},
    });
    const [folder, ...more] = positionals;
    if (!folder || more.length > 0) throw new Error('Name one folder.');
    return {
      folder: resolve(process.env.INIT_CWD || process.cwd(), folder),
      force: Boolean((values as { force?: boolean }).force),
    };
  } catch (cause) {
    throw new UserError(`${(cause as Error).message}\nUsage: ${usage}`);
  }
}
