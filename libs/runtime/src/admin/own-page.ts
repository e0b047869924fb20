import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a request that changes something comes from a page of this origin, or from a program.
 *
 * Browsers say in `Sec-Fetch-Site` how the page's origin stands to the request's. They leave it out on plain HTTP to other
 * names than localhost; then `Origin` is compared: for a session with the origin at which it was opened, which holds behind
 * a proxy that replaces `Host`, else with the host that the request names. A program sends neither header, but has no
 * session either.
 */
export function isFromOwnPage(headers: IncomingHttpHeaders, session?: { origin: string }): boolean {
  const { origin, host, 'sec-fetch-site': site, 'x-forwarded-host': publicHost } = headers;
  if (session) return site === undefined ? origin === session.origin : site === 'same-origin';
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  if (origin === undefined) return true;
  const from = URL.parse(origin)?.host;
  // No page can make a browser send X-Forwarded-Host to another origin without being allowed to by a preflight.
  return from !== undefined && (from === host || from === publicHost);
}
