import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { SentEvent } from '../model.ts';
import { randomEvents } from '../random-events.ts';
import type { Journal } from './journal.ts';
import { type Answer, postEvents, type Shape } from './post-events.ts';
import type { Tally } from './tally.ts';

export interface ClientOptions {
  random: () => number;
  /** Where the APIs are, as of now. */
  urls: () => readonly string[];
  /** Whether the API there has been stopped since then, so that a late answer says nothing. */
  wasStopped(url: string, since: number): boolean;
  /** The number of the next event of the run; takes that many. */
  takeNumbers(count: number): number;
  journal: Journal;
  tally: Tally;
  /** Of this client. */
  eventsPerSecond: number;
  /** Ends the load: an attempt that is under way is still waited for. */
  signal: AbortSignal;
}

const answerLimitMs = 4000;
const longestPauseMs = 2000;

// Shares of the requests:
/** given up at the first failure, since the user has left the page; */
const givenUp = 0.04;
/** sent again though acknowledged, as by a client that did not hear the answer; */
const repeated = 0.05;
/** holding an event twice; */
const repeatedWithin = 0.05;
/** leaving the ids to the server. */
const idsByServer = 0.2;

/** Sends events as real clients do until the load ends; resolves then. */
export async function runClient(options: ClientOptions): Promise<void> {
  const { random, eventsPerSecond, signal, journal } = options;
  while (!signal.aborted) {
    const events = drawEvents(options);
    for (const event of events) journal.open(event);
    await deliver(events, options);
    const restMs = (1000 * events.length * (0.5 + random())) / eventsPerSecond;
    await pause(restMs, undefined, { signal }).catch(() => {});
  }
}

function drawEvents({ random, takeNumbers }: ClientOptions): SentEvent[] {
  const kind = random();
  const between = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));
  let count = 1;
  if (kind > 0.98) count = between(50, 300);
  else if (kind > 0.9) count = between(10, 50);
  else if (kind > 0.65) count = between(1, 10);
  const events = randomEvents(random, count, Date.now(), takeNumbers(count));
  if (random() < idsByServer) {
    for (const event of events) delete event.eventId;
    return events;
  }
  const identified = events.map((event) => ({ eventId: randomUUID(), ...event }));
  return random() < repeatedWithin ? [...identified, identified[0]!] : identified;
}

async function deliver(events: SentEvent[], options: ClientOptions): Promise<void> {
  const { random, journal, signal } = options;
  const shape = drawShape(events.length, random);
  const patience = random() < givenUp ? 1 : Number.POSITIVE_INFINITY;
  const hasIds = events[0]!.eventId !== undefined;
  let unanswered = events;
  for (let tries = 1; ; tries += 1) {
    const answer = await attempt(unanswered, shape, options);
    if (answer.outcome === 'accepted') {
      for (const [event, id] of answer.ids) journal.acknowledge(event, id);
      unanswered = answer.busy;
      if (unanswered.length === 0) break;
    }
    // Without an id of its own a second copy would count, too.
    if (answer.outcome === 'unknown' && !hasIds) return;
    if (tries >= patience) return;
    const backOffMs = Math.min(100 * 2 ** (tries - 1), longestPauseMs) * (0.5 + random());
    const askedMs = answer.outcome === 'unknown' ? answer.retryAfterMs : 0;
    await pause(Math.max(backOffMs, askedMs), undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
  }
  if (hasIds && random() < repeated) await attempt(events, drawShape(events.length, random), options);
}

function drawShape(count: number, random: () => number): Shape {
  const compressed = random() < 0.3;
  const forms = ['object', 'list', 'lines', 'one'] as const;
  const form = forms[Math.floor(random() * (count === 1 ? 4 : 3))]!;
  return { form: count === 1 && random() < 0.7 ? 'one' : form, compressed };
}

async function attempt(events: SentEvent[], shape: Shape, options: ClientOptions): Promise<Answer> {
  const { random, urls, tally } = options;
  const addresses = urls();
  const url = addresses[Math.floor(random() * addresses.length)]!;
  const sentAt = performance.now();
  const answer = await postEvents(url, events, shape, answerLimitMs);
  const tookMs = performance.now() - sentAt;
  const wasStopped = options.wasStopped(url, sentAt);
  const note = (what: string) => tally.answered(wasStopped ? `${what}, API stopped meanwhile` : what, tookMs);
  if (answer.outcome === 'accepted') {
    note('202');
    tally.endSilence();
  } else if (answer.outcome === 'unreachable') note('nobody listens');
  else {
    note(answer.status === 0 ? 'no answer' : String(answer.status));
    // A request that had come by half when its API was stopped for long has taken too long to arrive.
    const isExpected = [0, 503].includes(answer.status) || (answer.status === 408 && wasStopped);
    if (!isExpected) tally.wrong(`ingest answered ${answer.status}`, answer.detail.slice(0, 500));
  }
  return answer;
}
