import { setTimeout as pause } from 'node:timers/promises';
import type { SentEvent } from '../../model.ts';
import { randomEvents, seededRandom } from '../../random-events.ts';
import { sendShuffled } from '../../send-events.ts';

const dayMs = 86_400_000;
const chunkEvents = 150;
const sendersAtOnce = 6;
/** Between two requests of traffic that goes on and on. */
const pauseMs = 20;
/** Of events, how many are of an earlier day; and which, as days ago. In none of the days that the views end in. */
const lateShare = 0.1;
const lateDays = [2, 3, 6];
/** And how many are of the latest two minutes: their counts are rows that every commit and every fold wants. */
const hotShare = 0.5;
const hotSeconds = 120;
/** Users of the like routes: others than those whose likes come as events, so that it is known what must stand. */
const firstRouteUser = 1000;

export interface Traffic {
  /** What was acknowledged, each event once. */
  events: readonly SentEvent[];
  /** With what was sent again under the same id. */
  sent(): number;
  /** Events that the like routes have made, and the likes of theirs that stand, as `user post`. */
  routeEvents(): number;
  routeLikes(): string[];
  /** Sends so many events, late ones of these days, and resolves when they are acknowledged. */
  burst(count: number, days?: readonly number[]): Promise<void>;
  /** Sends all the time, until `stop`. */
  start(): void;
  stop(): Promise<void>;
  /** From here on it is sent to these APIs; resolves when nothing is under way to others. */
  sendTo(urls: readonly string[]): Promise<void>;
}

/** Visitors: clicks, page views, searches, likes on few posts by events and by route, and events of earlier days. */
export function createTraffic(seed: number, now: number): Traffic {
  const random = seededRandom(seed);
  const events: SentEvent[] = [];
  const standing = new Set<string>();
  let sent = 0;
  let routeEvents = 0;
  let nextUser = firstRouteUser;
  let urls: readonly string[] = [];
  let sending: Promise<void> | undefined;
  let ending = false;
  const underWay = new Set<Promise<unknown>>();

  async function burst(count: number, days: readonly number[] = lateDays): Promise<void> {
    const made = randomEvents(random, count, now, events.length).map((event) => {
      const share = random();
      if (share < lateShare) return ofEarlierDay(event, days);
      return share < lateShare + hotShare ? ofLatestMinutes(event) : event;
    });
    events.push(...made);
    const to = urls;
    const beforeEach = () => pause(count > chunkEvents ? 0 : pauseMs);
    const requests = sendShuffled({ urls: to, events: made, random, lanes: sendersAtOnce, beforeEach });
    await watched(Promise.all([requests.then((done) => (sent += done.sent)), likeByRoute(to[0]!)]));
  }

  function ofLatestMinutes(event: SentEvent): SentEvent {
    return { ...event, occurredAt: new Date(now - Math.floor(random() * hotSeconds) * 1000).toISOString() };
  }

  function ofEarlierDay(event: SentEvent, days: readonly number[]): SentEvent {
    const ago = days[Math.floor(random() * days.length)]! * dayMs;
    return { ...event, occurredAt: new Date(Date.parse(event.occurredAt) - ago).toISOString() };
  }

  /** Likes three posts, and takes one of the likes back. */
  async function likeByRoute(url: string): Promise<void> {
    const user = nextUser++;
    const posts = Array.from({ length: 3 }, (_, at) => 1 + ((user * 4 + at) % 15));
    for (const post of posts) await request('PUT', url, post, user);
    await request('DELETE', url, posts[0]!, user);
    for (const post of posts.slice(1)) standing.add(`${user} ${post}`);
    routeEvents += posts.length + 1;
  }

  async function watched(work: Promise<unknown>): Promise<void> {
    underWay.add(work);
    await work.finally(() => underWay.delete(work));
  }

  async function sendOn(): Promise<void> {
    while (!ending) await burst(chunkEvents);
  }

  return {
    events,
    sent: () => sent,
    routeEvents: () => routeEvents,
    routeLikes: () => [...standing].sort(),
    burst,
    start() {
      ending = false;
      sending = sendOn();
      // It is awaited at the end.
      sending.catch(() => {});
    },
    async stop() {
      ending = true;
      await sending;
    },
    async sendTo(others) {
      urls = others;
      await Promise.all(underWay);
    },
  };
}

/** Again until it is answered with success: it is idempotent, and what changed nothing makes no event. */
async function request(method: string, url: string, post: number, user: number): Promise<void> {
  for (;;) {
    const answer = await fetch(`${url}/api/posts/${post}/likes/${user}`, { method });
    const text = await answer.text();
    if (answer.status === 200) return;
    if (answer.status !== 503) throw new Error(`${method} of a like: ${answer.status} ${text}`);
    await pause(pauseMs);
  }
}
