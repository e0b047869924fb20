import { readFileSync } from 'node:fs';
import type { Redis } from './connection.ts';

export type Script = (keys: readonly string[], args: readonly (string | number)[]) => Promise<unknown>;

/** A script from `lua/NAME.lua`: sent by its hash, and whole only when Redis does not know it yet. */
export function loadScript(redis: Redis, name: string): Script {
  const lua = readFileSync(new URL(`lua/${name}.lua`, import.meta.url), 'utf8');
  redis.defineCommand(name, { lua });
  const command = (redis as unknown as Record<string, (...args: (string | number)[]) => Promise<unknown>>)[
    name
  ]!;
  return (keys, args) => command.call(redis, keys.length, ...keys, ...args);
}
