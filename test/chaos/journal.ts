import { hash } from 'node:crypto';
import type { SentEvent } from '../model.ts';

/** Who made the event's id. */
export type Maker = 'client' | 'server';

/** Also as it is stored, so that a row can be compared with what was sent. */
export type Content = Pick<SentEvent, 'eventType' | 'userId' | 'sessionId'> & {
  occurredAtMs: number;
  componentId: number;
  keyword: string | undefined;
  postId: number | undefined;
};

/**
 * What became of each event as its client knows it. An event is known by its session, `session N`, which is its alone.
 * Half an hour makes hundreds of thousands of them, so each takes but a few bytes.
 */
export function createJournal() {
  const acknowledged: boolean[] = [];
  const makers: Maker[] = [];
  const checksums: number[] = [];
  const ids: (string | undefined)[] = [];

  return {
    /** Before it is sent for the first time. */
    open(event: SentEvent): void {
      const number = numberOf(event.sessionId);
      acknowledged[number] = false;
      makers[number] = event.eventId === undefined ? 'server' : 'client';
      checksums[number] = checksumOf(contentOf(event));
      ids[number] = event.eventId;
    },
    acknowledge(event: SentEvent, eventId: string): void {
      const number = numberOf(event.sessionId);
      acknowledged[number] = true;
      ids[number] = eventId;
    },
    /** The numbers of all events that were sent. */
    numbers: () => makers.keys(),
    isAcknowledged: (number: number) => acknowledged[number] === true,
    makerOf: (number: number) => makers[number],
    /** The client's, or the one that the server answered. */
    idOf: (number: number) => ids[number],
    checksumOf: (number: number) => checksums[number],
  };
}

export type Journal = ReturnType<typeof createJournal>;

export function numberOf(sessionId: string): number {
  return Number(sessionId.slice('session '.length));
}

export function checksumOf(content: Content): number {
  const { eventType, userId, occurredAtMs, componentId, keyword, postId } = content;
  const text = [eventType, userId, occurredAtMs, componentId, keyword ?? '', postId ?? ''].join('|');
  return Number.parseInt(hash('md5', text).slice(0, 8), 16);
}

function contentOf({ eventType, userId, sessionId, occurredAt, metadata }: SentEvent): Content {
  const { componentId, keyword, postId } = metadata;
  return { eventType, userId, sessionId, occurredAtMs: Date.parse(occurredAt), componentId, keyword, postId };
}
