import { checkFields } from './check-fields.ts';
import type { FieldError } from './field-errors.ts';
import { eventSchema } from './fields.ts';
import { readMoment } from './moment.ts';
import { type EventType, eventTypes, readEventType, strategies } from './registry.ts';
import type { EventInput } from './strategy.ts';
import type { TrackedEvent } from './tracked-event.ts';

export type ParsedEvent = { ok: true; event: TrackedEvent } | { ok: false; errors: readonly FieldError[] };

export interface ParseContext {
  /** The time of receipt, milliseconds since the epoch. */
  now: number;
  /** Makes an id for an event that came without one: a UUIDv7, lower case. */
  newId(): string;
  /** The sender's clock for events that don't tell it themselves, milliseconds since the epoch. */
  sentAt?: number | undefined;
}

/** How far `occurredAt` may lie behind the time of receipt: devices come back online. */
export const maximumBehindMs = 30 * 24 * 60 * 60_000;

/** A sender's clock that differs by so much may only be a request that took its time. */
const clockToleranceMs = 30_000;

/** Validates one event of a request against every rule of its type. On failure all errors are listed, not the first. */
export function parseEvent(input: unknown, context: ParseContext): ParsedEvent {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return { ok: false, errors: [{ path: '', message: 'an event must be a JSON object' }] };
  }
  const given = input as { eventType?: unknown; occurredAt?: unknown; sentAt?: unknown };
  const eventType = readEventType(given.eventType);
  const occurredAt = occurredAtOf(given, context);
  const tooOld = occurredAt < context.now - maximumBehindMs;
  const errors: FieldError[] = [];
  if (eventType === undefined) {
    errors.push({ path: 'eventType', message: eventTypeMessage(given.eventType) });
    const checked = checkFields(anyEvent, input);
    if (!checked.ok) errors.push(...checked.errors.filter(({ path }) => path !== 'eventType'));
  } else {
    const checked = checkFields(strategies[eventType].schema, input);
    if (checked.ok && !tooOld)
      return { ok: true, event: accept(eventType, checked.data, occurredAt, context) };
    if (!checked.ok) errors.push(...checked.errors);
  }
  if (tooOld) errors.push({ path: 'occurredAt', message: 'must not be more than 30 days back' });
  return { ok: false, errors };
}

// What holds for every type: so that the other errors are listed although the type is not known.
const anyEvent = eventSchema('ANY');

function accept(
  eventType: EventType,
  input: EventInput,
  occurredAt: number,
  { now, newId }: ParseContext,
): TrackedEvent {
  const { userId, sessionId, eventId, properties, metadata } = input;
  const { componentId, elementId, keyword, postId } = metadata;
  const event: TrackedEvent = {
    eventId: eventId ?? newId(),
    clientId: eventId !== undefined,
    eventType,
    sessionId,
    componentId,
    occurredAt,
    receivedAt: now,
  };
  if (userId !== undefined) event.userId = userId;
  if (elementId !== undefined) event.elementId = elementId;
  if (keyword !== undefined) event.keyword = keyword;
  if (postId !== undefined) event.postId = postId;
  if (properties !== undefined) event.properties = properties;
  return event;
}

/**
 * When the event happened by this system's clock. The difference between the clocks is taken off first; what is still ahead
 * of the time of receipt happened no later than that. A time that is none is refused by the schema.
 */
function occurredAtOf(given: { occurredAt?: unknown; sentAt?: unknown }, context: ParseContext): number {
  const { now } = context;
  const occurredAt = momentOf(given.occurredAt);
  if (occurredAt === undefined) return now;
  const behind = now - (momentOf(given.sentAt) ?? context.sentAt ?? now);
  const corrected = Math.abs(behind) > clockToleranceMs ? occurredAt + behind : occurredAt;
  return Math.min(corrected, now);
}

function momentOf(value: unknown): number | undefined {
  return typeof value === 'string' ? readMoment(value) : undefined;
}

function eventTypeMessage(given: unknown): string {
  return given === undefined ? 'is required' : `must be one of ${eventTypes.join(', ')}, in any letter case`;
}
