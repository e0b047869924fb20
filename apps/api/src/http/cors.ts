import type { IncomingMessage, ServerResponse } from 'node:http';

/** Lets pages of other sites send events: `allow` marks an answer, `preflight` answers what a browser asks before. */
export interface Cors {
  allow(origin: string, response: ServerResponse): void;
  preflight(request: IncomingMessage, response: ServerResponse): boolean;
}

/** A day; browsers cut it to what they think right. */
const preflightSeconds = '86400';

/** What our own clients send; other headers are allowed as they are asked for. */
const ownHeaders = ['authorization', 'content-encoding', 'content-type', 'x-request-id', 'x-write-key'];

/** A field name (RFC 9110) of a length that somebody may have meant. */
const fieldName = /^[\w!#$%&'*+.^`|~-]{1,128}$/;

const exposed = 'ratelimit-limit, ratelimit-remaining, ratelimit-reset, retry-after, x-request-id';

/**
 * Error trackers and tracing add headers to every request of a page (`baggage`, `traceparent`, `x-datadog-…`): a preflight
 * that does not allow them makes the page's events fail. Nothing is read from them, so any may come, up to `headersMax`.
 */
function allowedHeaders(asked: string, headersMax: number): string {
  const names = asked
    .split(',', headersMax)
    .map((name) => name.trim().toLowerCase())
    .filter((name) => fieldName.test(name));
  return [...new Set([...ownHeaders, ...names])].join(', ');
}

/**
 * `*` or a list of origins. Never with credentials: a key is in the request itself, not in what a browser keeps for
 * this host, so a page can't use the key of whoever looks at it.
 */
export function createCors(origins: readonly string[], headersMax: number): Cors {
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
      const {
        origin,
        'access-control-request-method': method,
        'access-control-request-headers': asked = '',
      } = request.headers;
      if (request.method !== 'OPTIONS' || origin === undefined || method === undefined) return false;
      allow(origin, response);
      if (response.hasHeader('access-control-allow-origin')) {
        response.setHeader('access-control-allow-methods', 'POST');
        response.setHeader('access-control-allow-headers', allowedHeaders(asked, headersMax));
        response.setHeader('access-control-max-age', preflightSeconds);
      }
      response.writeHead(204).end();
      return true;
    },
  };
}
