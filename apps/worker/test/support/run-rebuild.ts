import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { compileCache } from '@event-tracker/testing';

const program = fileURLToPath(new URL('../../src/rebuild.ts', import.meta.url));

/** `npm run rebuild` with these variables alone. Resolves when it has ended. */
export async function runRebuild(
  env: Record<string, string>,
): Promise<{ code: number | null; output: string; errors: string }> {
  const child = spawn(process.execPath, [program], {
    env: { PATH: process.env.PATH, ...compileCache, ...env },
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (errors += chunk));
  const [code] = await once(child, 'close');
  return { code, output, errors };
}
