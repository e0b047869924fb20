import type { z } from 'zod';
import { eventSchema } from './fields.ts';
import { type EventType, eventTypes, readEventType, strategies } from './registry.ts';
import type { EventInput } from './strategy.ts';
import type { TrackedEvent } from './tracked-event.ts';

export interface FieldError {
  /** Such as `metadata.keyword`; empty for the event itself. */
  path: string;
  message: string;
}

export type ParsedEvent = { ok: true; event: TrackedEvent } | { ok: false; errors: FieldError[] };

export interface ParseContext {
  /** The time of receipt, milliseconds since the epoch. */
  now: number;
  /** Makes an id for an event that came without one: a UUIDv7, lower case. */
  newId(): string;
}

/** How far `occurredAt` may lie ahead of the time of receipt (clocks differ), and behind it (devices come back online). */
export const maximumAheadMs = 5 * 60_000;
export const maximumBehindMs = 30 * 24 * 60 * 60_000;

/** Validates one event of a request against every rule of its type. On failure all errors are listed, not the first. */
export function parseEvent(input: unknown, context: ParseContext): ParsedEvent {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return { ok: false, errors: [{ path: '', message: 'an event must be a JSON object' }] };
  }
  const given = input as { eventType?: unknown; occurredAt?: unknown };
  const eventType = readEventType(given.eventType);
  const errors: FieldError[] = [];
  const timeError = occurredAtError(given.occurredAt, context.now);
  if (eventType === undefined) {
    errors.push({ path: 'eventType', message: eventTypeMessage(given.eventType) });
    errors.push(...fieldErrors(anyEvent.safeParse({ ...given, eventType: 'ANY' }, parseOptions)));
  } else {
    const parsed = strategies[eventType].schema.safeParse({ ...given, eventType }, parseOptions);
    if (parsed.success && timeError === undefined)
      return { ok: true, event: accept(eventType, parsed.data, context) };
    errors.push(...fieldErrors(parsed));
  }
  const toldOfTime = errors.some((error) => error.path === 'occurredAt');
  if (timeError !== undefined && !toldOfTime) errors.push(timeError);
  return { ok: false, errors };
}

// What holds for every type: so that the other errors are listed although the type is not known.
const anyEvent = eventSchema('ANY');

function accept(eventType: EventType, input: EventInput, { now, newId }: ParseContext): TrackedEvent {
  const { userId, sessionId, eventId, occurredAt, properties, metadata } = input;
  const { componentId, elementId, keyword, postId } = metadata;
  const event: TrackedEvent = {
    eventId: eventId ?? newId(),
    clientId: eventId !== undefined,
    eventType,
    sessionId,
    componentId,
    occurredAt: occurredAt === undefined ? now : Date.parse(occurredAt),
    receivedAt: now,
  };
  if (userId !== undefined) event.userId = userId;
  if (elementId !== undefined) event.elementId = elementId;
  if (keyword !== undefined) event.keyword = keyword;
  if (postId !== undefined) event.postId = postId;
  if (properties !== undefined) event.properties = properties;
  return event;
}

function occurredAtError(value: unknown, now: number): FieldError | undefined {
  if (typeof value !== 'string') return undefined;
  const at = Date.parse(value);
  if (at > now + maximumAheadMs)
    return { path: 'occurredAt', message: 'must not be more than 5 minutes ahead' };
  if (at < now - maximumBehindMs)
    return { path: 'occurredAt', message: 'must not be more than 30 days back' };
  return undefined;
}

function eventTypeMessage(given: unknown): string {
  return given === undefined ? 'is required' : `must be one of ${eventTypes.join(', ')}, in any letter case`;
}

const parseOptions: z.core.ParseContext<z.core.$ZodIssue> = {
  error: (issue) => {
    if (issue.code !== 'invalid_type') return undefined;
    if (issue.input === undefined) return 'is required';
    const article = issue.expected === 'object' ? 'an' : 'a';
    return `must be ${article} ${issue.expected}`;
  },
};

function fieldErrors(parsed: z.ZodSafeParseResult<unknown>): FieldError[] {
  if (parsed.success) return [];
  return parsed.error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [{ path: issue.path.join('.'), message: issue.message }];
    return unknownFieldErrors(issue.keys, issue.path.join('.'));
  });
}

/** So many unknown fields of one object are listed; more are counted. An answer must not outgrow its request. */
const unknownFieldsListed = 100;

export function unknownFieldErrors(keys: readonly string[], parent = ''): FieldError[] {
  const errors = keys.slice(0, unknownFieldsListed).map((key) => ({
    path: parent === '' ? key : `${parent}.${key}`,
    message: 'is not a known field',
  }));
  const more = keys.length - unknownFieldsListed;
  if (more > 0) errors.push({ path: parent, message: `has ${more} more fields that are not known` });
  return errors;
}
