import type { TrackedEvent } from '@event-tracker/domain';

/** What stands between a user and a post, and what set it. */
export interface Standing {
  liked: boolean;
  occurredAt: number;
  eventId: string;
}

export const pairOf = ({ userId, postId }: TrackedEvent) => `${userId} ${postId}`;

/** Later by time, then by the bytes of the id. */
export function isLater(a: Omit<Standing, 'liked'>, b: Omit<Standing, 'liked'>): boolean {
  const bytes = (id: string) => Buffer.from(id.replaceAll('-', ''), 'hex');
  return (
    a.occurredAt > b.occurredAt ||
    (a.occurredAt === b.occurredAt && Buffer.compare(bytes(a.eventId), bytes(b.eventId)) > 0)
  );
}

/**
 * The model of a fold of likes: brings states up to the events, which were committed together, and answers those that took
 * effect. Each event in the order of the stamps; one that is not later than what stands changes nothing.
 */
export function foldInModel(states: Map<string, Standing>, events: readonly TrackedEvent[]): TrackedEvent[] {
  return events
    .toSorted((a, b) => (isLater(a, b) ? 1 : -1))
    .filter((event) => {
      const { occurredAt, eventId } = event;
      const standing = states.get(pairOf(event));
      if (standing && !isLater(event, standing)) return false;
      const liked = event.eventType === 'LIKE';
      states.set(pairOf(event), { liked, occurredAt, eventId });
      return liked !== (standing?.liked ?? false);
    });
}
