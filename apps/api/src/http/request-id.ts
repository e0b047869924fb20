import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

const header = 'x-request-id';
/** What a client or a proxy may call its request: nothing that could break a log line or a header. */
const usual = /^[\w.:/+=-]{1,128}$/;

/** The answer carries the id that the request came with. */
export function echoRequestId(request: IncomingMessage, response: ServerResponse): void {
  const given = request.headers[header];
  if (given !== undefined && usual.test(given as string)) response.setHeader(header, given);
}

/** The answer's id; a new one where the request brought none. */
export function requestIdOf(response: ServerResponse): string {
  const known = response.getHeader(header);
  if (typeof known === 'string') return known;
  const made = randomUUID();
  if (!response.headersSent) response.setHeader(header, made);
  return made;
}
