import type { ZodType } from 'zod';
import type { JsonObject, TrackedEvent } from './tracked-event.ts';

/** What the statistics of an event type are kept by. */
export type SubjectKind = 'component' | 'keyword' | 'post';

/** What an event does beyond being stored and counted. Times and stamps are the event's own. */
export type Effect =
  | { kind: 'like'; userId: number; postId: number; liked: boolean }
  | { kind: 'recent-keyword'; userId: number; keyword: string };

/** The fields of a request that a schema let through; defaults are not filled in yet. */
export interface EventInput {
  /** In any letter case. */
  eventType: unknown;
  userId?: number | undefined;
  sessionId: string;
  eventId?: string | undefined;
  occurredAt?: string | undefined;
  sentAt?: string | undefined;
  properties?: JsonObject | undefined;
  metadata: {
    componentId: number;
    elementId?: string | undefined;
    keyword?: string | undefined;
    postId?: number | undefined;
  };
}

/** What one event type means. Pure: no clock, no store. */
export interface EventStrategy<Type extends string = string> {
  type: Type;
  schema: ZodType<EventInput>;
  /** One count is kept per subject; an event of this type always has one. */
  subjectKind: SubjectKind;
  /** `all`: every stored event counts. `effective`: only those that changed the like state. */
  counts: 'all' | 'effective';
  /** The type whose count is taken off this one's wherever a single number is answered: a like is net of unlikes. */
  lessType?: string;
  /** Refused while the backlog grows too large, so that there is room for the types that are not. */
  refusedFirst: boolean;
  effect?(event: TrackedEvent): Effect | undefined;
}
