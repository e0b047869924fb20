import type { IncomingMessage, ServerResponse } from 'node:http';

/** Lets pages of other sites send events: `allow` marks an answer, `preflight` answers what a browser asks before. */
export interface Cors {
  allow(origin: string, response: ServerResponse): void;
  preflight(request: IncomingMessage, response: ServerResponse): boolean;
}

/** A day; browsers cut it to what they think right. */
const preflightSeconds = '86400';

const allowed = {
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers': 'authorization, content-encoding, content-type, x-request-id, x-write-key',
  'access-control-max-age': preflightSeconds,
};

const exposed = 'ratelimit-limit, ratelimit-remaining, ratelimit-reset, retry-after, x-request-id';

/**
 * `*` or a list of origins. Never with credentials: a key is in the request itself, not in what a browser keeps for
 * this host, so a page can't use the key of whoever looks at it.
 */
export function createCors(origins: readonly string[]): Cors {
  const any = origins.includes('*');
  const known = new Set(origins);

  function allow(origin: string, response: ServerResponse): void {
    if (!any) response.setHeader('vary', 'origin');
    if (!any && !known.has(origin)) return;
    response.setHeader('access-control-allow-origin', any ? '*' : origin);
    response.setHeader('access-control-expose-headers', exposed);
  }

  return {
    allow,
    preflight(request, response) {
      const { origin, 'access-control-request-method': method } = request.headers;
      if (request.method !== 'OPTIONS' || origin === undefined || method === undefined) return false;
      allow(origin, response);
      if (response.hasHeader('access-control-allow-origin'))
        for (const [name, value] of Object.entries(allowed)) response.setHeader(name, value);
      response.writeHead(204).end();
      return true;
    },
  };
}
