import type { SpawnOptions } from 'node:child_process';

export function findRedis(
  env?: Record<string, string | undefined>,
): { path: string; version: string; tooOld?: never } | { path?: never; tooOld: string[] };
export function redisAdvice(found?: { tooOld?: string[]; why?: string }): string;
export function tryLock(
  file: string,
  mark: string,
): { release: () => void; heldBy?: never } | { release?: never; heldBy: number };
export function commandLine(pid: number): string | undefined;
export function waitUntilGone(pid: number, limitMs: number): Promise<boolean>;
export function startProgress(
  label: string,
  options?: { lines?: boolean; out?: NodeJS.WriteStream },
): { seconds(): string; say(line: string): void; end(line?: string): void };
export function runCommand(command: string, args: string[], options?: SpawnOptions): Promise<number>;
