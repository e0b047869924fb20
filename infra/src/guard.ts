import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

let orders: Writable | undefined;

/**
 * Has a process ended by `signal` when this one is gone without having done so, even by SIGKILL: our children run in
 * process groups of their own, so nothing else would end them. Several are ended newest first. Returns the release.
 */
export function guard(pid: number, signal: NodeJS.Signals): () => void {
  orders ??= startGuard();
  const out = orders;
  out.write(`watch ${pid} ${signal.replace('SIG', '')}\n`);
  return () => void out.write(`release ${pid}\n`);
}

function startGuard(): Writable {
  const script = fileURLToPath(new URL('guard.sh', import.meta.url));
  const child = spawn('/bin/sh', [script], { cwd: '/', detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  // It is a safety net: without it we work all the same.
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.unref();
  (child.stdin as Writable & { unref?: () => void }).unref?.();
  return child.stdin;
}
