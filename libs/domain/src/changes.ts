import { type EventType, strategies } from './events/registry.ts';
import type { SubjectKind } from './events/strategy.ts';
import type { TrackedEvent } from './events/tracked-event.ts';
import { likeEffect } from './likes.ts';
import { type RecentKeyword, recentKeywords } from './recent-keywords.ts';
import { shardOf } from './shard.ts';
import { subjectOf } from './subject.ts';
import { grains } from './time.ts';

/** What is added to a count, by every field that statistics can be filtered by. */
export interface CountChange {
  /** Since the epoch. */
  minute: number;
  eventType: EventType;
  /** What the views show the count by. */
  subject: string;
  componentId: number;
  keyword: string | undefined;
  postId: number | undefined;
  count: number;
}

/** A like or unlike whose effect the fold decides. */
export interface LikeChange {
  eventType: EventType;
  liked: boolean;
  userId: number;
  postId: number;
  /** Milliseconds since the epoch. */
  occurredAt: number;
  eventId: string;
  subject: string;
  componentId: number;
  keyword: string | undefined;
}

/** What one commit changes in one shard. */
export interface ShardChanges {
  shard: number;
  counts: CountChange[];
  likes: LikeChange[];
  recent: RecentKeyword[];
}

/** What has to be added up of these events, by shard. Likes that a like route decided are counts already. */
export function changesOf(
  events: Iterable<TrackedEvent>,
  { shards, now }: { shards: number; now: number },
): ShardChanges[] {
  const byShard = new Map<number, ShardChanges>();
  const changesIn = (shard: number) => {
    let changes = byShard.get(shard);
    if (changes === undefined) {
      changes = { shard, counts: [], likes: [], recent: [] };
      byShard.set(shard, changes);
    }
    return changes;
  };
  const counts = new Map<string, CountChange>();
  for (const event of events) {
    const decided = strategies[event.eventType].counts === 'all' || event.tookEffect;
    if (!decided) {
      const change = likeChange(event);
      changesIn(subjectShard(event.eventType, change.subject, shards)).likes.push(change);
      continue;
    }
    const { eventType, componentId, keyword, postId, occurredAt } = event;
    const minute = Math.floor(occurredAt / grains.minute);
    const key = `${minute} ${eventType} ${componentId} ${postId ?? ''} ${keyword ?? ''}`;
    const known = counts.get(key);
    if (known) {
      known.count += 1;
      continue;
    }
    const subject = subjectOf(event);
    const change = { minute, eventType, subject, componentId, keyword, postId, count: 1 };
    counts.set(key, change);
    changesIn(subjectShard(eventType, subject, shards)).counts.push(change);
  }
  for (const recent of recentKeywords(events, now))
    changesIn(shardOf(`user:${recent.userId}`, shards)).recent.push(recent);
  return [...byShard.values()];
}

/** A row of `statistic` holds its subject, so it lies in the same shard, as all that belongs to a post's likes does. */
function subjectShard(eventType: EventType, subject: string, shards: number): number {
  const kind: SubjectKind = strategies[eventType].subjectKind;
  return shardOf(`${kind}:${subject}`, shards);
}

function likeChange(event: TrackedEvent): LikeChange {
  const effect = likeEffect(event);
  if (effect === undefined) throw new Error(`${event.eventType} counts what takes effect, and has no effect`);
  const { eventType, occurredAt, eventId, componentId, keyword } = event;
  const { liked, userId, postId } = effect;
  const subject = subjectOf(event);
  return { eventType, liked, userId, postId, occurredAt, eventId, subject, componentId, keyword };
}
