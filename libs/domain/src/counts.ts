import { type EventType, eventTypes, strategies } from './events/registry.ts';
import type { TrackedEvent } from './events/tracked-event.ts';
import { subjectOf } from './subject.ts';
import { bucketStart, type Grain } from './time.ts';

/** A row of `statistic`: the finest count, by every field that statistics can be filtered by. */
export interface FineCount {
  minute: number;
  eventType: EventType;
  componentId: number;
  keyword: string | undefined;
  postId: number | undefined;
  count: number;
}

/** What the views show: one count per bucket, type and subject. As a change it is added, as a total it is absolute. */
export interface SubjectCount {
  grain: Grain;
  bucket: number;
  eventType: EventType;
  subject: string;
  count: number;
}

export interface CountChanges {
  fine: FineCount[];
  subjects: SubjectCount[];
}

/**
 * What a commit adds to the counts, in key order, so that concurrent commits lock rows in the same order.
 *
 * @param effective the likes and unlikes among the events that took effect
 */
export function countChanges(
  events: Iterable<TrackedEvent>,
  effective: ReadonlySet<TrackedEvent>,
): CountChanges {
  const fine = new Map<string, FineCount>();
  const subjects = new Map<string, SubjectCount>();
  for (const event of events) {
    if (strategies[event.eventType].counts === 'effective' && !effective.has(event)) continue;
    addFine(fine, event);
    addSubject(subjects, {
      grain: 'minute',
      bucket: bucketStart(event.occurredAt, 'minute'),
      ...named(event),
      count: 1,
    });
  }
  for (const grain of ['hour', 'day'] as const) {
    for (const minute of [...subjects.values()]) {
      if (minute.grain === 'minute')
        addSubject(subjects, { ...minute, grain, bucket: bucketStart(minute.bucket, grain) });
    }
  }
  return { fine: inKeyOrder(fine), subjects: inKeyOrder(subjects) };
}

function named(event: TrackedEvent) {
  return { eventType: event.eventType, subject: subjectOf(event) };
}

// Any order will do that every worker shares; this one follows the primary keys closely enough to be kind to them.
function inKeyOrder<T>(counts: Map<string, T>): T[] {
  return [...counts.keys()].sort().map((key) => counts.get(key)!);
}

function addFine(counts: Map<string, FineCount>, event: TrackedEvent): void {
  const { eventType, componentId, keyword, postId } = event;
  const minute = bucketStart(event.occurredAt, 'minute');
  const key = `${minute} ${typeIndex[eventType]} ${componentId} ${postId ?? ''} ${keyword ?? ''}`;
  const count = counts.get(key);
  if (count) count.count += 1;
  else counts.set(key, { minute, eventType, componentId, keyword, postId, count: 1 });
}

function addSubject(counts: Map<string, SubjectCount>, added: SubjectCount): void {
  const key = `${added.grain} ${added.bucket} ${typeIndex[added.eventType]} ${added.subject}`;
  const count = counts.get(key);
  if (count) count.count += added.count;
  else counts.set(key, { ...added });
}

const typeIndex = Object.fromEntries(eventTypes.map((type, index) => [type, index])) as Record<
  EventType,
  number
>;
