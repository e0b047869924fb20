import { execFile } from 'node:child_process';
import { compileCache } from '@event-tracker/testing';

export interface Finished {
  code: number;
  /** All it has printed. */
  said: string;
}

/** Of our own environment nothing but what programs need: what configures a system comes from the test alone. */
export const bareEnv = { PATH: process.env.PATH, HOME: process.env.HOME, ...compileCache };

/** Runs `npm run NAME -- ARGS` in a checkout to its end. */
export function npmRun(
  checkout: string,
  [name, ...args]: readonly [string, ...string[]],
  env: Record<string, string> = {},
): Promise<Finished> {
  return new Promise((resolve) => {
    execFile(
      'npm',
      ['run', name, '--', ...args],
      { cwd: checkout, env: { ...bareEnv, ...env }, timeout: 120_000, maxBuffer: 16 * 1024 * 1024 },
      (cause, stdout, stderr) => resolve({ code: Number(cause?.code ?? 0), said: stdout + stderr }),
    );
  });
}
