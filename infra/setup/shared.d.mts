import type { SpawnOptions } from 'node:child_process';

type Environment = Record<string, string | undefined>;
type Found<More = unknown> =
  | ({ path: string; version: string; tooOld?: never } & More)
  | ({ path?: never; tooOld: string[] } & Partial<Record<keyof More, never>>);

export function addEnvFile(root: string, env: Environment): string[];
export function settingsLine(names: string[]): string;
export function findChromium(env?: Environment): Found;
export function findNginx(env?: Environment): Found;
export function findPgBouncer(env?: Environment): Found;
export function findPrometheus(env?: Environment): Found<{ promtool: string }>;
export function findRedis(env?: Environment): Found;
export interface Need {
  name: string;
  find(): Found;
  advice(found?: { tooOld?: string[]; why?: string }): string;
  packages: string[];
  services: string[];
  oldest: number;
}
export const needsOf: Record<'start' | 'restore' | 'test', (env: Environment) => Need[]>;
export function adviceOn(needs: readonly Need[], why?: string): string;
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
