import type { ClientEvent } from './client-event.ts';
import { newEventId } from './event-id.ts';
import { type ClientOptions, readOptions } from './options.ts';
import { createPause } from './pause.ts';
import type { FieldError } from './read-verdicts.ts';
import { retryDelay } from './retry-delay.ts';
import { createSendBatch } from './send-batch.ts';

export interface Client {
  /**
   * Queues an event, with an id and a time made now, and answers its id. It is sent a moment later together with others,
   * and again under the same id until the API has it or refuses it. Never throws for want of room: see `onDrop`.
   */
  track(event: ClientEvent): string;
  /** Events that are neither kept by the API nor dropped yet. */
  pending(): number;
  /** Sends without waiting for more. Resolves once every event tracked before is kept or dropped. */
  flush(): Promise<void>;
  /**
   * Takes no more events, and resolves when those it has are kept or dropped: after `limitMs`, 10 s by default, what is left is
   * dropped, and told so.
   */
  close(limitMs?: number): Promise<void>;
}

interface Queued {
  event: ClientEvent & { eventId: string };
  /** As it goes over the wire: what the caller does to the object after `track` changes nothing. */
  json: string;
  order: number;
}

/**
 * One request at a time, the oldest events first:
 *
 *   idle ── track ──▶ gathering ── lingerMs, a full batch, flush or close ──▶ sending ── answered ──▶ gathering or idle
 *                                                                             │    ▲
 *                                                                   no answer │    │ back-off, Retry-After
 *                                                                             ▼    │
 *                                                                            waiting
 *
 * Events stay at the head of the queue, in their order, until they are settled. While events are queued a timer or a
 * request is under way, so a Node process does not end before they are sent, or the client is closed.
 */
export function createClient(given: ClientOptions): Client {
  const options = readOptions(given);
  const { batchEventsMax, queueEventsMax, lingerMs, onDrop, onRetry } = options;
  const sendBatch = createSendBatch(options);
  const gathering = createPause();
  const waiting = createPause();
  const abort = new AbortController();
  let queue: Queued[] = [];
  let order = 0;
  let urgent = false;
  let closed = false;
  let running: Promise<void> | undefined;
  let flushes: { last: number; done(): void }[] = [];
  let closing: Promise<void> | undefined;

  function track(given: ClientEvent): string {
    const now = Date.now();
    const event = { eventId: newEventId(now), occurredAt: new Date(now).toISOString(), ...definedOf(given) };
    if (closed || queue.length >= queueEventsMax) {
      onDrop({ event, reason: closed ? 'closed' : 'queue-full', errors: [] });
      return event.eventId;
    }
    queue.push({ event, json: JSON.stringify(event), order: order++ });
    if (queue.length >= batchEventsMax) gathering.end();
    running ??= run();
    return event.eventId;
  }

  async function run(): Promise<void> {
    let most = batchEventsMax;
    let failures = 0;
    // So that the events that the caller tracks in one go are in one batch.
    await Promise.resolve();
    while (queue.length > 0) {
      if (!urgent && queue.length < most && failures === 0) await gathering.wait(lingerMs);
      if (abort.signal.aborted) return;
      const batch = takeBatch(queue, most);
      const { verdicts, retryAfter, cause } = await sendBatch(
        batch.map(({ json }) => json),
        abort.signal,
      );
      if (abort.signal.aborted) return;
      if (verdicts === 'smaller') {
        most = Math.max(1, Math.floor(batch.length / 2));
        continue;
      }
      const again = verdicts === undefined ? batch : batch.filter((_, at) => verdicts[at] === 'again');
      const refused = verdicts?.flatMap((verdict, at) =>
        typeof verdict === 'string' ? [] : [{ event: batch[at]!.event, errors: verdict }],
      );
      queue = [...again, ...queue.slice(batch.length)];
      settle(refused ?? []);
      if (again.length === 0) {
        failures = 0;
        most = Math.min(batchEventsMax, most * 2);
        continue;
      }
      failures += 1;
      const delayMs = retryDelay(failures, retryAfter, Date.now(), Math.random());
      onRetry({ cause, events: again.length, delayMs });
      await waiting.wait(delayMs);
    }
    urgent = false;
    // In the same step as the look at the queue: what is tracked from here on finds nobody running, and starts anew.
    running = undefined;
  }

  function settle(refused: { event: ClientEvent; errors: FieldError[] }[]): void {
    for (const { event, errors } of refused) onDrop({ event, reason: 'rejected', errors });
    const oldest = queue[0]?.order ?? order;
    const done = flushes.filter(({ last }) => last < oldest);
    flushes = flushes.filter(({ last }) => last >= oldest);
    for (const flush of done) flush.done();
  }

  function flush(): Promise<void> {
    if (queue.length === 0) return Promise.resolve();
    urgent = true;
    gathering.end();
    return new Promise((done) => flushes.push({ last: order - 1, done }));
  }

  async function closeWithin(limitMs: number): Promise<void> {
    closed = true;
    const limit = createPause();
    await Promise.race([flush(), limit.wait(limitMs)]);
    limit.end();
    abort.abort();
    waiting.end();
    gathering.end();
    await running;
    const left = queue;
    queue = [];
    settle([]);
    for (const { event } of left) onDrop({ event, reason: 'closed', errors: [] });
  }

  return {
    track,
    pending: () => queue.length,
    flush,
    close: (limitMs = 10_000) => (closing ??= closeWithin(limitMs)),
  };
}

/** As sent at most, with room below the API's 1 MiB. */
const batchBytesMax = 900_000;

/** From the head: as many as fit, and at least one. */
function takeBatch(queue: readonly Queued[], most: number): Queued[] {
  let bytes = 0;
  const end = queue.slice(0, most).findIndex(({ json }) => {
    bytes += 1 + byteLength(json);
    return bytes > batchBytesMax;
  });
  return queue.slice(0, end < 0 ? most : Math.max(1, end));
}

const encoder = new TextEncoder();

function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** Without fields that are there and undefined: such an id would hide the one that is made. */
function definedOf(event: ClientEvent): ClientEvent {
  return Object.fromEntries(
    Object.entries(event).filter(([, value]) => value !== undefined),
  ) as unknown as ClientEvent;
}
