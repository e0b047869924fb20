import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { parse } from 'node:querystring';
import type { FieldError } from '@event-tracker/domain';
import type { Request } from 'express';
import { LRUCache } from 'lru-cache';
import type { z } from 'zod';
import { answerFailure } from './answer-failure.ts';
import { pathOf } from './ingest-first.ts';
import type { RequestGuard } from './keys.ts';
import type { OnError } from './problem.ts';
import { parseQuery } from './query.ts';

export interface Reply {
  json: string;
  servedBy: string;
}

/** Answers a GET, or a HEAD, by what stands behind the `?` of its URL. */
export type Read = (search: string, method: string) => Promise<Reply>;

/** By path. */
export type Reads = ReadonlyMap<string, Read>;

/**
 * Answers reads on Node's own request and answer, and hands everything else to `rest`. Their answers are in memory or one
 * call to Redis away, and a framework's way to them costs more than both: see bench/RESULTS.md.
 */
export function readsFirst(
  reads: Reads,
  guard: RequestGuard,
  rest: RequestListener,
  onError: OnError,
): RequestListener {
  return (request, response) => {
    const read = request.method === 'GET' ? reads.get(pathOf(request.url!)) : undefined;
    if (read === undefined) {
      rest(request, response);
      return;
    }
    try {
      guard(request, response);
      answerRead(read, request, response).catch((cause: unknown) => answerFailure(response, cause, onError));
    } catch (cause) {
      answerFailure(response, cause, onError);
    }
  };
}

export async function answerRead(
  read: Read,
  request: IncomingMessage & { originalUrl?: string },
  response: ServerResponse,
): Promise<void> {
  const url = request.originalUrl ?? request.url!;
  const query = url.indexOf('?');
  const { json, servedBy } = await read(query < 0 ? '' : url.slice(query + 1), request.method!);
  response
    .writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(json),
      'x-served-by': servedBy,
      'x-content-type-options': 'nosniff',
    })
    .end(json);
}

/** All parameters of a query, as many as a URL holds: Node leaves out what comes after the first thousand. */
export function parseParameters(search: string | null): Request['query'] {
  return parse(search ?? '', '&', '=', { maxKeys: 0 }) as Request['query'];
}

const queriesKept = 1000;
/** Longer ones are parsed anew each time. */
const keptLengthMax = 300;

/** Parses as `parseQuery` does, and a query that comes again once. */
export function createQueryReader<Schema extends z.ZodObject>(
  schema: Schema,
  found: (query: Request['query']) => FieldError[] = () => [],
): (search: string) => z.output<Schema> {
  const kept = new LRUCache<string, z.output<Schema>>({ max: queriesKept });
  return (search) => {
    const known = kept.get(search);
    if (known !== undefined) return known;
    const query = parseParameters(search);
    const parsed = parseQuery(schema, { query }, found(query));
    // A key in the URL is a secret, and stays nowhere.
    if (search.length <= keptLengthMax && query.writeKey === undefined) kept.set(search, parsed);
    return parsed;
  };
}
