import { randomUUID, randomUUIDv7 } from 'node:crypto';
import { type Batch, parseEvent } from '@event-tracker/domain';
import { seededRandom } from '../../test/random-events.ts';

/** An event as a client sends it. */
export interface ScenarioEvent {
  eventType: string;
  userId: number;
  sessionId: string;
  metadata: { componentId: number; elementId?: string; keyword?: string; postId?: number };
}

const keywords = ['고양이', '강아지', '여행', '맛집', '일상', '운동', '독서', '음악', '코딩', '스터디'];
const userCount = 100;
const postCount = 1000;
const seed = 20_261_122;

export const pageViewComponent = 1000;

/**
 * The load scenario's mix (locust/README.md): of ten events four are likes or unlikes, two searches, two clicks, two
 * page views; 100 users, 1,000 posts, ten keywords. The same events in every run.
 */
export function createScenario(): () => ScenarioEvent {
  const random = seededRandom(seed);
  const upTo = (maximum: number) => Math.floor(random() * maximum);
  const users = Array.from({ length: userCount }, (_, at) => ({
    userId: at + 1,
    sessionId: sessionId(random),
    liked: [] as number[],
  }));

  return () => {
    const { liked, ...visitor } = users[upTo(userCount)]!;
    const postId = 1 + upTo(postCount);
    const kind = random();
    if (kind < 0.4) {
      const takenBack =
        liked.length > 0 && random() < 0.5 ? liked.splice(upTo(liked.length), 1)[0] : undefined;
      if (takenBack === undefined && !liked.includes(postId)) liked.push(postId);
      return {
        eventType: takenBack === undefined ? 'LIKE' : 'UNLIKE',
        ...visitor,
        metadata: { componentId: 1003, elementId: 'like-button', postId: takenBack ?? postId },
      };
    }
    if (kind < 0.6) {
      const keyword = keywords[upTo(keywords.length)]!;
      return {
        eventType: 'SEARCH',
        ...visitor,
        metadata: { componentId: 1001, elementId: 'search-box', keyword },
      };
    }
    if (kind < 0.8) {
      return {
        eventType: 'CLICK',
        ...visitor,
        metadata: { componentId: 1002, elementId: 'post-card', postId },
      };
    }
    return { eventType: 'PAGE_VIEW', ...visitor, metadata: { componentId: pageViewComponent } };
  };
}

/** Browsers' session ids are UUIDs, as a rule; one a user, and the same in every run. */
function sessionId(random: () => number): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

export interface BatchesOptions {
  events: number;
  perBatch: number;
  /** The events were received evenly at this rate, the last one now. */
  perSecond: number;
  /** The share of events whose id the client made. */
  clientIds?: number;
}

/** Batches as the API makes them of the scenario's events. */
export function makeBatches({ events, perBatch, perSecond, clientIds = 0 }: BatchesOptions): Batch[] {
  const next = createScenario();
  const endsAt = Date.now();
  const producer = randomUUIDv7();
  const batches: Batch[] = [];
  for (let made = 0; made < events; made += perBatch) {
    const length = Math.min(perBatch, events - made);
    const tracked = Array.from({ length }, (_, at) => {
      const index = made + at;
      const eventId =
        Math.floor((index + 1) * clientIds) > Math.floor(index * clientIds) ? randomUUID() : undefined;
      const now = Math.round(endsAt - ((events - 1 - index) / perSecond) * 1000);
      const parsed = parseEvent({ ...next(), ...(eventId && { eventId }) }, { now, newId: randomUUIDv7 });
      if (!parsed.ok) throw new Error(`the scenario made an invalid event: ${JSON.stringify(parsed.errors)}`);
      return parsed.event;
    });
    batches.push({ id: randomUUIDv7(), producer, acknowledged: made, events: tracked });
  }
  return batches;
}

export function countPageViews(batches: readonly Batch[]): number {
  return batches.reduce(
    (count, { events }) => count + events.filter(({ eventType }) => eventType === 'PAGE_VIEW').length,
    0,
  );
}
