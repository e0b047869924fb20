import { spawn } from 'node:child_process';
import { startProgress } from './progress.mjs';

/** Enough of a failed command's output to see why, and a bound on what is kept (characters). */
const keptOutput = 20_000;
/** What a command gets to end in when it is told to. */
const endLimitMs = 10_000;

/**
 * Runs a long command behind one line of progress; its output is shown only if it fails. Resolves to
 * `{ ok, output, seconds }`, also when it was stopped after `limitMs` (then `output` says so).
 * Throws `signal.reason` once the command has ended, when `signal` interrupts it.
 */
export async function runQuietly(label, command, args, { env, cwd, limitMs, signal }) {
  signal.throwIfAborted();
  if (!process.stdout.isTTY) console.log(`${label} ...`);
  const progress = startProgress(label);
  let output = '';
  const keep = (chunk) => {
    output = (output + chunk).slice(-keptOutput);
  };
  const child = spawn(command, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  const stop = () => {
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), endLimitMs).unref();
  };
  signal.addEventListener('abort', stop);
  const timer = setTimeout(() => {
    keep(`\nStopped: it took longer than ${limitMs / 60_000} minutes.\n`);
    stop();
  }, limitMs);
  try {
    const code = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    signal.throwIfAborted();
    return { ok: code === 0, output, seconds: progress.seconds() };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    progress.end();
  }
}
