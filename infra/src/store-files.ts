import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Identity } from './identity.ts';

/** Bytes; a log that is longer when its store starts makes way, so that two of them is the most there is. */
const longestLog = 10_000_000;

/** What a store keeps in its folder beside its data. */
export const storeFiles = (dir: string) => ({
  log: join(dir, 'log'),
  password: join(dir, 'password'),
  port: join(dir, 'port'),
  record: join(dir, 'process.json'),
});

/** The store's password, made on first use: others on this machine can reach a loopback port, too. */
export function storePassword(dir: string): string {
  const { password } = storeFiles(dir);
  if (!existsSync(password)) writeFileSync(password, `${randomBytes(24).toString('hex')}\n`, { mode: 0o600 });
  return readFileSync(password, 'utf8').trim();
}

export function rememberedPort(dir: string): number[] {
  try {
    const port = Number(readFileSync(storeFiles(dir).port, 'utf8'));
    return Number.isInteger(port) && port > 0 && port < 65_536 ? [port] : [];
  } catch {
    return [];
  }
}

export function rememberPort(dir: string, port: number): void {
  writeFileSync(storeFiles(dir).port, `${port}\n`);
}

/** A descriptor to append to the log, and what was appended since. */
export function openLog(dir: string): { fd: number; tail: () => string } {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const { log } = storeFiles(dir);
  if (existsSync(log) && statSync(log).size > longestLog) renameSync(log, `${log}.old`);
  const fd = openSync(log, 'a', 0o600);
  const before = statSync(log).size;
  return {
    fd,
    tail: () => readFileSync(log).subarray(before).toString().trimEnd().split('\n').slice(-15).join('\n'),
  };
}

/** Root made these files in another user's folder; that user must be able to go on with them. */
export function giveFiles(dir: string, identity: Identity | undefined): void {
  if (!identity) return;
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (entry.isFile()) chownSync(join(dir, entry.name), identity.uid, identity.gid);
  }
}
