import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a command in the foreground, passes signals on to it and resolves to its exit code (128 + n when signal n ended
 * it). A signal may arrive twice, once from the terminal and once through us: the command has to bear that.
 */
export function runCommand(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    const pass = (signal) => child.kill(signal);
    const settle = () => forwarded.forEach((signal) => void process.off(signal, pass));
    for (const signal of forwarded) process.on(signal, pass);
    child.once('error', (cause) => {
      settle();
      reject(cause);
    });
    child.once('exit', (code, signal) => {
      settle();
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}
