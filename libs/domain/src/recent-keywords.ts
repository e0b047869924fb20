import { strategies } from './events/registry.ts';
import type { TrackedEvent } from './events/tracked-event.ts';
import { grains } from './time.ts';

/** A keyword is forgotten an hour after its user last searched for it. */
export const recentKeywordLifeMs = grains.hour;

/** So many are answered, latest first. */
export const recentKeywordLimit = 10;

export interface RecentKeyword {
  userId: number;
  keyword: string;
  occurredAt: number;
}

/** The latest search of each (user, keyword) among the events that is not forgotten yet. */
export function recentKeywords(events: Iterable<TrackedEvent>, now: number): RecentKeyword[] {
  const latest = new Map<string, RecentKeyword>();
  for (const event of events) {
    if (event.occurredAt <= now - recentKeywordLifeMs) continue;
    const effect = strategies[event.eventType].effect?.(event);
    if (effect?.kind !== 'recent-keyword') continue;
    const { userId, keyword } = effect;
    const key = `${userId} ${keyword}`;
    const known = latest.get(key);
    if (!known || known.occurredAt < event.occurredAt) {
      latest.set(key, { userId, keyword, occurredAt: event.occurredAt });
    }
  }
  return [...latest.values()];
}
