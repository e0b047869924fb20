import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { parseCookie, stringifySetCookie } from 'cookie';
import { fingerprint } from './secrets.ts';

export interface AdminSession {
  /** Of the token that it was opened with. */
  fingerprint: string;
  /** Such as https://tracker.example.com: where the page was that opened it. */
  origin: string;
}

/**
 * What a browser holds in place of a token: a cookie that no script can read and no other site's page can send. It is
 * signed with the token, so every replica accepts it, nothing is kept, and it ends with its time or with its token.
 */
export interface AdminSessions {
  /** The session of a request's cookie; undefined when it has none that is good. */
  find(request: IncomingMessage): AdminSession | undefined;
  /** The `Set-Cookie` that opens a session. `hours`: how long it is good; `path`: where the browser sends it. */
  open(token: string, origin: string, options: { hours: number; path: string }): string;
  /** The values of `Set-Cookie` that make a browser forget every session. */
  end(path: string): string[];
}

const hourMs = 3_600_000;
const protection = { httpOnly: true, sameSite: 'strict' } as const;

export function createAdminSessions({
  tokens,
  now,
}: {
  tokens: readonly string[];
  now(): number;
}): AdminSessions {
  // Ports share cookies: two systems on one machine must not overwrite each other's.
  const known = tokens.map((token) => {
    const mark = fingerprint(token);
    return { token, fingerprint: mark, name: `event-tracker-admin-${mark}` };
  });

  return {
    find({ headers: { cookie } }) {
      if (cookie === undefined) return undefined;
      const cookies = parseCookie(cookie);
      for (const { token, name, fingerprint: mark } of known) {
        const origin = originOf(cookies[name], token, now());
        if (origin !== undefined) return { fingerprint: mark, origin };
      }
      return undefined;
    },
    open(token, origin, { hours, path }) {
      const expiresAt = now() + hours * hourMs;
      const claim = `${expiresAt}.${Buffer.from(origin).toString('base64url')}`;
      return stringifySetCookie({
        name: `event-tracker-admin-${fingerprint(token)}`,
        value: `${claim}.${sign(claim, token)}`,
        path,
        maxAge: hours * 3600,
        secure: origin.startsWith('https:'),
        ...protection,
      });
    },
    end: (path) =>
      known.map(({ name }) => stringifySetCookie({ name, value: '', path, maxAge: 0, ...protection })),
  };
}

/** Of a cookie's value that is signed with the token and not over. */
function originOf(value: string | undefined, token: string, at: number): string | undefined {
  const [expiresAt = '', origin = '', signature = '', ...more] = value?.split('.') ?? [];
  if (more.length > 0 || !isSame(signature, sign(`${expiresAt}.${origin}`, token))) return undefined;
  return Number(expiresAt) > at ? Buffer.from(origin, 'base64url').toString() : undefined;
}

function sign(claim: string, token: string): string {
  return createHmac('sha256', token).update(`event-tracker admin session ${claim}`).digest('base64url');
}

function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
