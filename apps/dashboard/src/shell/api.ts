import { computed, signal } from '@preact/signals';

function readKey(): string {
  try {
    return sessionStorage.getItem('key') ?? '';
  } catch {
    return '';
  }
}

/** The API key that the person has entered; empty where none is needed, and for an admin, who has a cookie. */
export const key = signal(readKey());
/** Whether the admin routes have let this page in. */
export const isAdmin = signal(false);
/** How often this page has signed in or out. */
const signings = signal(0);
/** Changes with what the page may see. */
export const access = computed(() => `${signings.value} ${key.value}`);
/** The dialog that asks for it. */
export const askingKey = signal(false);

export function keepKey(value: string): void {
  key.value = value;
  try {
    if (value === '') sessionStorage.removeItem('key');
    else sessionStorage.setItem('key', value);
  } catch {
    // Kept for as long as the page.
  }
}

/** A request that is refused says so to this page alone: the browser is not to ask for a name and a password by itself. */
const quiet = { 'x-requested-with': 'fetch' };

export function headers(): Record<string, string> {
  return key.value === '' ? quiet : { ...quiet, authorization: `Bearer ${key.value}` };
}

/** With the cookie of an admin, and nothing to another host. */
export const ownly: RequestInit = { credentials: 'same-origin', cache: 'no-store' };

/** Relative to the page: a proxy may serve it under a path of its own. */
export const urlOf = (path: string, query: Record<string, string> = {}) => {
  const url = new URL(path, document.baseURI);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
};

export class Refused extends Error {
  override name = 'Refused';
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

/** The answer in JSON. Throws Refused with what the API says, or the error of a request without an answer. */
export async function ask<Body>(
  path: string,
  query: Record<string, string> = {},
  body?: unknown,
): Promise<Body> {
  const response = await fetch(urlOf(path, query), {
    ...ownly,
    headers: { ...headers(), ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as Body & {
    detail?: string;
    errors?: { path: string; message: string }[];
  };
  if (response.ok) return answer;
  const errors = (answer.errors ?? []).map(({ path: at, message }) => `${at} ${message}`);
  throw new Refused(response.status, [answer.detail ?? '', ...errors].join('; '));
}

/**
 * Exchanges an admin token for a cookie that no script can read. False: it is none, or not any more. Throws when nobody
 * answers.
 */
export async function signIn(token: string): Promise<boolean> {
  const { ok } = await fetch(urlOf('admin/session'), {
    ...ownly,
    method: 'POST',
    headers: { ...quiet, authorization: `Bearer ${token}` },
  });
  if (ok) signings.value += 1;
  return ok;
}

/** Forgets the key, and has the browser forget the cookie. */
export async function signOut(): Promise<void> {
  await fetch(urlOf('admin/session'), { ...ownly, method: 'DELETE', headers: headers() }).catch(() => {});
  keepKey('');
  signings.value += 1;
}
