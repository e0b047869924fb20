import { type Batch, eventTypes, isEventType, type TrackedEvent } from '@event-tracker/domain';
import { z } from 'zod';

/**
 * Versions of the events' encoding. The envelope around them is frozen: every version can read it. A batch is written in
 * the lowest version that can say it, so that during a deploy older workers go on with all that they know.
 *
 * 1  the first
 * 2  likes that a like route has decided, `tookEffect`: read without it they would not be counted
 */
export const batchVersion = 2;

const envelope = z.object({
  version: z.int().positive(),
  id: z.guid(),
  producer: z.guid(),
  acknowledged: z.int().nonnegative(),
  count: z.int().nonnegative(),
});

// What is the default is left out, so that a queued event stays small in Redis: `occurredAt` when it is the time of
// receipt, `clientId` when the server made the id.
const eventV1 = z.object({
  eventId: z.guid(),
  clientId: z.boolean().default(false),
  eventType: z.enum(eventTypes as [TrackedEvent['eventType'], ...TrackedEvent['eventType'][]]),
  userId: z.int().exactOptional(),
  sessionId: z.string(),
  componentId: z.int(),
  elementId: z.string().exactOptional(),
  keyword: z.string().exactOptional(),
  postId: z.int().exactOptional(),
  properties: z.custom<NonNullable<TrackedEvent['properties']>>(isJsonObject).exactOptional(),
  occurredAt: z.int().exactOptional(),
  receivedAt: z.int(),
});

const eventV2 = eventV1.extend({ tookEffect: z.literal(true).exactOptional() });

function withDefaults<Fields extends z.output<typeof eventV2>>(fields: Fields): TrackedEvent {
  return { ...fields, occurredAt: fields.occurredAt ?? fields.receivedAt };
}

function isJsonObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const bodies = {
  1: z.object({ events: z.array(eventV1.transform(withDefaults)) }),
  2: z.object({ events: z.array(eventV2.transform(withDefaults)) }),
};

/** What is wrong with a payload. A newer worker may know the version, or the event type, that this one does not. */
export type UnknownPayloadCode = 'unknown-version' | 'unknown-type' | 'undecodable';

/** The payload of a job is not a batch that this version knows. `version` says which it is, when that can be told. */
export class UnknownPayload extends Error {
  override name = 'UnknownPayload';
  readonly code: UnknownPayloadCode;
  readonly version: number | undefined;

  constructor(code: UnknownPayloadCode, message: string, version?: number) {
    super(message);
    this.code = code;
    this.version = version;
  }
}

export interface BatchPayload {
  version: number;
  id: string;
  producer: string;
  acknowledged: number;
  count: number;
  events: Partial<TrackedEvent>[];
}

export function encodeBatch(batch: Batch): BatchPayload {
  return {
    version: batch.events.some((event) => event.tookEffect) ? 2 : 1,
    id: batch.id,
    producer: batch.producer,
    acknowledged: batch.acknowledged,
    count: batch.events.length,
    events: batch.events.map(encodeEvent),
  };
}

function encodeEvent({ clientId, occurredAt, ...rest }: TrackedEvent): Partial<TrackedEvent> {
  const encoded: Partial<TrackedEvent> = rest;
  if (clientId) encoded.clientId = true;
  if (occurredAt !== rest.receivedAt) encoded.occurredAt = occurredAt;
  return encoded;
}

function isKnownVersion(version: number): version is keyof typeof bodies {
  return Object.hasOwn(bodies, version);
}

/** Throws UnknownPayload. */
export function decodeBatch(payload: unknown): Batch {
  const head = envelope.safeParse(payload);
  if (!head.success) throw new UnknownPayload('undecodable', `no batch: ${z.prettifyError(head.error)}`);
  const { version, id, producer, acknowledged, count } = head.data;
  if (!isKnownVersion(version))
    throw new UnknownPayload('unknown-version', `a batch of version ${version}`, version);
  const body = bodies[version].safeParse(payload);
  if (!body.success) {
    const type = unknownTypeIn(payload);
    if (type !== undefined)
      throw new UnknownPayload('unknown-type', `a batch with an event of type ${type}`, version);
    const message = `not the events of a batch: ${z.prettifyError(body.error)}`;
    throw new UnknownPayload('undecodable', message, version);
  }
  const { events } = body.data;
  if (events.length !== count) {
    const message = `${events.length} events where ${count} were announced`;
    throw new UnknownPayload('undecodable', message, version);
  }
  return { id, producer, acknowledged, events };
}

/** A name that a type may have. New types are written in the version that is known. */
const typeName = /^[A-Z][A-Z_]{0,63}$/;

/** The first event type among the events that has the form of one and is not known here. */
function unknownTypeIn(payload: unknown): string | undefined {
  const { events } = payload as { events?: unknown };
  if (!Array.isArray(events)) return undefined;
  for (const event of events) {
    const type: unknown = (event as { eventType?: unknown } | null)?.eventType;
    if (typeof type === 'string' && typeName.test(type) && !isEventType(type)) return type;
  }
  return undefined;
}
