import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { compileCache } from './test-processes.ts';

const ownRoot = fileURLToPath(new URL('../../..', import.meta.url));

export interface ProgramEnd {
  code: number | null;
  output: string;
  errors: string;
}

/**
 * Runs a program of this checkout, or of another, with these variables alone. Resolves when it has ended.
 *
 * @param file its path from the root, such as `apps/worker/src/rebuild.ts`
 */
export async function runProgram(
  file: string,
  env: Readonly<Record<string, string>>,
  root = ownRoot,
): Promise<ProgramEnd> {
  const child = spawn(process.execPath, [file], {
    cwd: root,
    env: { PATH: process.env.PATH, ...compileCache, ...env },
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (errors += chunk));
  const [code] = await once(child, 'close');
  return { code, output, errors };
}
