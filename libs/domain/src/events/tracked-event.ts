import type { EventType } from './registry.ts';

export type JsonObject = { [key: string]: unknown };

/** An event as it was accepted: every rule of the schema holds, keyword and ids are in their stored form. */
export interface TrackedEvent {
  /** Lower-case UUID. */
  eventId: string;
  /** Whether the client supplied the id: then it is an idempotency key, and passes the ledger's `event_key`. */
  clientId: boolean;
  eventType: EventType;
  userId?: number;
  sessionId: string;
  componentId: number;
  elementId?: string;
  /** Normalised. */
  keyword?: string;
  postId?: number;
  properties?: JsonObject;
  /**
   * A like or unlike that a like route has decided: it changed the state in the very transaction that put it on the
   * lane. The commit counts it and leaves the state alone.
   */
  tookEffect?: true;
  /** Milliseconds since the epoch. */
  occurredAt: number;
  /** When the API took it; milliseconds since the epoch. */
  receivedAt: number;
}
