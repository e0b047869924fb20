import { parseArgs } from 'node:util';
import { isLoopback, readRunningStores } from '@event-tracker/runtime';

export interface DemoOptions {
  url: string;
  events: number;
  posts: number;
  users: number;
  seed: number;
}

/** Said to the user as it is. */
export class Refusal extends Error {}

const usage = `npm run demo -- [OPTIONS]

Fills the running system with posts and a day of traffic, through its HTTP API.
  --events N       events of the last 24 hours (50,000)
  --posts N        posts (300)
  --users N        users (2,000)
  --seed N         the same seed makes the same; what was sent before counts nothing twice (today's date)
  --url URL        where the API is (that of the npm start that runs in this checkout)
  --allow-remote   lets --url be another machine

A key is sent along if one is known: API_KEY, or else, to this machine alone, the first of API_KEYS or of ADMIN_TOKENS
(environment or .env), or the token that npm start has made.`;

export function readOptions(args: string[], now: Date): DemoOptions {
  const values = parse(args);
  if (values.help) throw new Refusal(usage);
  const number = (name: string, text: string, maximum: number) => {
    const value = /^\d+$/.test(text) ? Number(text) : 0;
    if (value < 1 || value > maximum)
      throw new Refusal(`--${name} must be a whole number from 1 to ${maximum}.\n\n${usage}`);
    return value;
  };
  return {
    url: readUrl(values.url, values['allow-remote']),
    events: number('events', values.events, 10_000_000),
    posts: number('posts', values.posts, 100_000),
    users: number('users', values.users, 1_000_000),
    seed: number('seed', values.seed ?? now.toISOString().slice(0, 10).replaceAll('-', ''), 2 ** 32 - 1),
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        events: { type: 'string', default: '50000' },
        posts: { type: 'string', default: '300' },
        users: { type: 'string', default: '2000' },
        seed: { type: 'string' },
        url: { type: 'string' },
        'allow-remote': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (cause) {
    throw new Refusal(`${(cause as Error).message}\n\n${usage}`);
  }
}

function readUrl(given: string | undefined, allowRemote: boolean): string {
  const text = given ?? readRunningStores()?.apiUrl;
  if (text === undefined) throw new Refusal('No `npm start` runs in this checkout: start it, or give --url.');
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) throw new Refusal(`${text} is not an http or https address.`);
  // Invented traffic is hard to get out of a real site's statistics.
  if (given !== undefined && !isLoopback(url.hostname) && !allowRemote)
    throw new Refusal(`${url.hostname} is not this machine: give --allow-remote if you mean it.`);
  return url.origin + url.pathname.replace(/\/+$/, '');
}
