import { readCheckoutToken } from './checkout-token.ts';
import { isLoopback } from './is-loopback.ts';
import { readRunningStores } from './running-stores.ts';

/** What a command that asks the system sends along; undefined where nothing is known, which an open system does not mind. */
export interface ClientKeys {
  /** Good for all of /api. */
  apiKey: string | undefined;
  /** Good for /admin, too. */
  adminToken: string | undefined;
}

type Environment = Record<string, string | undefined>;

interface Checkout {
  /** Where its `npm start` answers. */
  apiUrl: string | undefined;
  token: string | undefined;
}

const answerLimitMs = 10_000;

/**
 * API_KEY and ADMIN_TOKEN go wherever they are meant to go. The keys that configure the processes of this machine
 * (API_KEYS, ADMIN_TOKENS, WRITE_KEYS) go to a system on this machine alone, and the token that `npm start` has made to
 * that system alone.
 */
export function clientKeys(url: string, env: Environment, checkout: Checkout = thisCheckout()): ClientKeys {
  const { origin, hostname } = new URL(url);
  const isOfCheckout = checkout.apiUrl !== undefined && new URL(checkout.apiUrl).origin === origin;
  const isHere = isOfCheckout || isLoopback(hostname);
  const own = (name: string) => (isHere ? firstOf(env[name]) : undefined);
  const adminToken =
    env.ADMIN_TOKEN || own('ADMIN_TOKENS') || (isOfCheckout ? checkout.token : undefined) || undefined;
  const writeKey = env.WRITE_KEY || own('WRITE_KEYS') || undefined;
  return { apiKey: env.API_KEY || own('API_KEYS') || adminToken || writeKey, adminToken };
}

/**
 * Whether the API lets the key in for reading, writing and sending events; else what to do about it. Asks with bodies that
 * it refuses for what they hold, once the key is good.
 */
export async function keyProblem(url: string, apiKey: string | undefined): Promise<string | undefined> {
  for (const path of ['/api/posts', '/api/events']) {
    let status: number;
    try {
      const response = await fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(apiKey && { authorization: `Bearer ${apiKey}` }) },
        body: '{}',
        signal: AbortSignal.timeout(answerLimitMs),
      });
      await response.body?.cancel();
      status = response.status;
    } catch {
      return `Nothing answers at ${url}: start the system first.`;
    }
    if (status === 401 || status === 403) {
      const said = apiKey ? 'does not know the key that was sent' : 'asks for a key';
      return `The API at ${url} ${said} (${path}): set API_KEY to one of its API_KEYS or ADMIN_TOKENS, in the environment or in .env.`;
    }
  }
  return undefined;
}

const thisCheckout = (): Checkout => ({ apiUrl: readRunningStores()?.apiUrl, token: readCheckoutToken() });

const firstOf = (list = '') =>
  list
    .split(',')
    .map((key) => key.trim())
    .find((key) => key !== '');
