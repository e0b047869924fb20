import { signal } from '@preact/signals';

function readKey(): string {
  try {
    return sessionStorage.getItem('key') ?? '';
  } catch {
    return '';
  }
}

/** What the person has entered: an API key or an admin token; empty where none is needed. */
export const key = signal(readKey());
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

export function headers(): Record<string, string> {
  return key.value === '' ? {} : { authorization: `Bearer ${key.value}` };
}

/** Refused, the browser is not to ask for a name and a password by itself. */
export const quietly: RequestInit = { credentials: 'omit', cache: 'no-store' };

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
    ...quietly,
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
