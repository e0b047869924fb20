import { createHash } from 'node:crypto';
import type { ClientEvent } from '@event-tracker/client';
import { seededRandom } from '../test/random-events.ts';
import { keywords } from './keywords.ts';
import { weighted, zipf } from './weighted.ts';

export interface TrafficOptions {
  seed: number;
  events: number;
  users: number;
  /** Most read first. */
  postIds: readonly number[];
  /** The day ends here; milliseconds since the epoch. */
  now: number;
}

const minuteMs = 60_000;
const minutesOfDay = 1440;
/** A visit of a user lasts about so long: its events share a session. */
const visitMs = 30 * minuteMs;

/** Of a hundred events. The rest are page views. */
const shares = { CLICK: 27, SEARCH: 18, LIKE: 14, UNLIKE: 2 };

/**
 * A day of a site's traffic that ends now, in the order in which devices send it: most at once, one in twenty up to hours
 * late. The same seed makes the same events under the same ids, so what is sent twice counts once.
 */
export function* createTraffic({
  seed,
  events,
  users,
  postIds,
  now,
}: TrafficOptions): Generator<ClientEvent> {
  const random = seededRandom(seed);
  const firstMinute = Math.floor(now / minuteMs) - minutesOfDay + 1;
  const minuteOf = weighted(Array.from({ length: minutesOfDay }, (_, at) => activity(firstMinute + at)));
  const keywordOf = weighted(zipf(keywords.length));
  const postOf = weighted(zipf(postIds.length));
  const userOf = weighted(zipf(users));

  // Each moment's share of the day is known beforehand, so that events come in order and none has to be kept.
  for (let index = 0; index < events; index += 1) {
    const place = (index + random()) / events;
    const lateness = random() < 0.05 ? random() * 0.2 : 0;
    const minute = firstMinute + minuteOf(Math.max(0, place - lateness));
    const at = Math.min(minute * minuteMs + Math.floor(random() * minuteMs), now);
    const userId = 1 + userOf(random());
    const common = {
      eventId: eventIdOf(seed, index),
      userId,
      sessionId: `demo-${seed}-${userId}-${Math.floor(at / visitMs)}`,
      occurredAt: new Date(at).toISOString(),
    };
    const kind = random() * 100;
    const postId = postIds[postOf(random())]!;
    const keyword = keywords[keywordOf(random())]!;
    const { CLICK, SEARCH, LIKE, UNLIKE } = shares;
    if (kind < CLICK)
      yield {
        ...common,
        eventType: 'CLICK',
        metadata: { componentId: 1002, elementId: 'post-card', postId },
      };
    else if (kind < CLICK + SEARCH)
      yield {
        ...common,
        eventType: 'SEARCH',
        metadata: { componentId: 1001, elementId: 'search-box', keyword },
      };
    else if (kind < CLICK + SEARCH + LIKE)
      yield {
        ...common,
        eventType: 'LIKE',
        metadata: { componentId: 1003, elementId: 'like-button', postId },
      };
    else if (kind < CLICK + SEARCH + LIKE + UNLIKE)
      yield {
        ...common,
        eventType: 'UNLIKE',
        metadata: { componentId: 1003, elementId: 'like-button', postId },
      };
    else yield { ...common, eventType: 'PAGE_VIEW', metadata: { componentId: 1000 } };
  }
}

/** How much goes on in a minute: least towards four in the morning in Seoul, most at nine in the evening, a hump at noon. */
function activity(minute: number): number {
  const hour = ((minute / 60 + 9) % 24) / 24;
  const wave = (peak: number, narrow: number) =>
    ((1 + Math.cos(2 * Math.PI * (hour - peak / 24))) / 2) ** narrow;
  return 0.08 + 0.5 * wave(13, 4) + wave(21, 6);
}

function eventIdOf(seed: number, index: number): string {
  const hex = createHash('sha256').update(`demo ${seed} ${index}`).digest('hex');
  // Version 8: a UUID made by a rule of one's own.
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
