import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { Request, Response } from 'express';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const suffixes = { br: '.br', gzip: '.gz' } as const;
type Compression = keyof typeof suffixes;
/** Smallest first: which one a client names first says little. */
const preferred: readonly Compression[] = ['br', 'gzip'];

export interface StaticFile {
  type: string;
  /** Of the content, whatever it is encoded in. */
  tag: string;
  contents: Partial<Record<Compression, Buffer>> & { identity: Buffer };
}

/** By path below the folder. */
export type StaticFiles = ReadonlyMap<string, StaticFile>;

/** The files that a build has left, few and small, in memory, each with its compressed twins. None without the folder. */
export function readStaticFiles(folder: string): StaticFiles {
  const files = new Map<string, StaticFile>();
  const names = new Set(readFolder(folder));
  for (const name of names) {
    const type = types[extname(name)];
    if (type === undefined) continue;
    const identity = readFileSync(join(folder, name));
    const contents: StaticFile['contents'] = { identity };
    for (const compression of preferred) {
      const compressed = name + suffixes[compression];
      if (names.has(compressed)) contents[compression] = readFileSync(join(folder, compressed));
    }
    const tag = `"${createHash('sha256').update(identity).digest('base64url').slice(0, 22)}"`;
    files.set(name, { type, tag, contents });
  }
  return files;
}

function readFolder(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw cause;
  }
}

/** `immutable`: its name says what is in it, so it is asked for once. `revalidated`: asked for each time, sent if it changed. */
export function sendStaticFile(
  request: Request,
  response: Response,
  { type, tag, contents }: StaticFile,
  lifetime: 'immutable' | 'revalidated',
): void {
  response.set({
    'content-type': type,
    'cache-control': lifetime === 'immutable' ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag: tag,
    vary: 'Accept-Encoding',
  });
  if (request.fresh) {
    response.status(304).end();
    return;
  }
  const encoding = preferred.find((name) => contents[name] && request.acceptsEncodings(name)) ?? 'identity';
  if (encoding !== 'identity') response.set('content-encoding', encoding);
  response.end(request.method === 'HEAD' ? undefined : contents[encoding]);
}
