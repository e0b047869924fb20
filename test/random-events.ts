import type { SentEvent } from './model.ts';

/** A seeded generator (mulberry32, Tommy Ettinger, public domain): numbers in [0, 1), the same for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const keywords = ['고양이', '강아지', '여행', '맛집', '일상', 'café', 'عربي', '🐈‍⬛'];

/**
 * Events of all types, each with a session of its own to know it by, few enough users and posts that likes collide all
 * the time. They lie in the last two hours, many at the very same millisecond. A third leaves its id to the server.
 * Sessions are numbered from `first`.
 */
export function randomEvents(random: () => number, count: number, now: number, first = 0): SentEvent[] {
  const integer = (maximum: number) => 1 + Math.floor(random() * maximum);
  const hex = (digits: number) =>
    Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');
  const newId = () => ({ eventId: `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}` });
  return Array.from({ length: count }, (_, index): SentEvent => {
    const common = {
      userId: integer(20),
      sessionId: `session ${first + index}`,
      occurredAt: new Date(now - integer(7200) * 1000).toISOString(),
    };
    const kind = random();
    if (kind < 0.25)
      return {
        ...common,
        ...newId(),
        eventType: 'LIKE',
        metadata: { componentId: 1003, postId: integer(15) },
      };
    if (kind < 0.4)
      return {
        ...common,
        ...newId(),
        eventType: 'UNLIKE',
        metadata: { componentId: 1003, postId: integer(15) },
      };
    const idOrNone = random() < 0.5 ? newId() : {};
    if (kind < 0.6) {
      const keyword = keywords[integer(keywords.length) - 1]!;
      return { ...common, ...idOrNone, eventType: 'SEARCH', metadata: { componentId: 1001, keyword } };
    }
    const eventType = kind < 0.8 ? 'CLICK' : 'PAGE_VIEW';
    return { ...common, ...idOrNone, eventType, metadata: { componentId: 1000 + integer(5) } };
  });
}
