import type { ClientEvent } from './client-event.ts';
import type { FieldError } from './read-verdicts.ts';

/** An event that will not be sent any more. */
export interface Drop {
  event: ClientEvent;
  /**
   * `rejected`: the API refused it, `errors` say why. `queue-full`: it came when `queueEventsMax` were waiting. `closed`:
   * it came after `close`, or was still waiting when `close` ran out of time.
   */
  reason: 'rejected' | 'queue-full' | 'closed';
  errors: FieldError[];
}

/** Events that the API did not take, and that are sent again after a while. */
export interface Retry {
  /** What went wrong, such as an error of `fetch`, or an answer's status. */
  cause: unknown;
  events: number;
  delayMs: number;
}

export interface ClientOptions {
  /** Where the API is, such as https://events.example.com. */
  url: string;
  /** One of the API's WRITE_KEYS, where it has any. */
  writeKey?: string;
  /** A request carries at most so many events: 1 to 1,000, by default 500. */
  batchEventsMax?: number;
  /** At most so many events wait, 10,000 by default; what comes beyond is dropped, and told to `onDrop`. */
  queueEventsMax?: number;
  /** How long an event waits for others before it is sent: 100 ms by default. */
  lingerMs?: number;
  /** How long a request may take: 10 s by default. */
  requestTimeoutMs?: number;
  /** Told of every event that is given up. By default it is a warning on the console: nothing is dropped silently. */
  onDrop?: (drop: Drop) => void;
  /** Told of every attempt that failed, for a log. */
  onRetry?: (retry: Retry) => void;
  /** In place of the global one. */
  fetch?: typeof fetch;
}

/** With every default filled in. Throws a RangeError or TypeError on values that make no sense. */
export function readOptions(options: ClientOptions): Required<ClientOptions> {
  const {
    url,
    writeKey = '',
    batchEventsMax = 500,
    queueEventsMax = 10_000,
    lingerMs = 100,
    requestTimeoutMs = 10_000,
    onDrop = warnOfDrop,
    onRetry = () => {},
    fetch = globalThis.fetch,
  } = options;
  if (!/^https?:$/.test(new URL(url).protocol))
    throw new TypeError('url must begin with http:// or https://');
  within('batchEventsMax', batchEventsMax, 1, 1000);
  within('queueEventsMax', queueEventsMax, 1, Number.MAX_SAFE_INTEGER);
  within('lingerMs', lingerMs, 0, 3_600_000);
  within('requestTimeoutMs', requestTimeoutMs, 1, 3_600_000);
  return {
    url,
    writeKey,
    batchEventsMax,
    queueEventsMax,
    lingerMs,
    requestTimeoutMs,
    onDrop: shielded(onDrop),
    onRetry: shielded(onRetry),
    fetch,
  };
}

/** A callback that throws must not keep the rest of the events from being sent. */
function shielded<Told>(callback: (told: Told) => void): (told: Told) => void {
  return (told) => {
    try {
      callback(told);
    } catch (cause) {
      console.error(cause);
    }
  };
}

function within(name: string, value: number, minimum: number, maximum: number): void {
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return;
  throw new RangeError(`${name} must be an integer from ${minimum} to ${maximum}`);
}

function warnOfDrop({ event, reason, errors }: Drop): void {
  const why = errors.map(({ path, message }) => `${path} ${message}`.trim()).join('; ');
  console.warn(`event ${event.eventId} is dropped: ${reason}${why && `: ${why}`}`);
}
