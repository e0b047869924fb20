import type { JsonObject, TrackedEvent } from '@event-tracker/domain';
import type { DeadLetter, DeadLetterFilter, DeadLetters } from '@event-tracker/storage';
import { publicChange } from './dead-change.ts';
import { NoStoreCanAnswer } from './first-answer.ts';

export interface DeadLetterAnswer {
  id: number;
  kind: DeadLetter['kind'];
  /** As a client sends it; of a job that could not be read, what there is of it; null of a change. */
  event: unknown;
  /** What could not be added up, of events that are stored. */
  change?: unknown;
  reason: string;
  code: string;
  at: string;
  attempts: number;
  replayedAt: string | null;
}

/** The dead letters for operators. Throws NoStoreCanAnswer while PostgreSQL is away. */
export interface DeadLettersDesk {
  list(
    filter: DeadLetterFilter,
    cursor: number | undefined,
    limit: number,
  ): Promise<{ deadLetters: DeadLetterAnswer[]; nextCursor: string | null }>;
  replay: DeadLetters['replay'];
}

export function createDeadLettersDesk({
  deadLetters,
  onError,
}: {
  deadLetters: DeadLetters;
  onError(cause: unknown): void;
}): DeadLettersDesk {
  async function ask<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (cause) {
      onError(cause);
      throw new NoStoreCanAnswer();
    }
  }

  return {
    async list(filter, cursor, limit) {
      const { letters, more } = await ask(deadLetters.list(filter, cursor, limit));
      return { deadLetters: letters.map(answerOf), nextCursor: more ? String(letters.at(-1)!.id) : null };
    },
    replay: (which, dryRun) => ask(deadLetters.replay(which, dryRun)),
  };
}

function answerOf({ kind, payload, eventType, at, replayedAt, ...letter }: DeadLetter): DeadLetterAnswer {
  const value: unknown = JSON.parse(payload);
  return {
    id: letter.id,
    kind,
    ...(kind === 'change'
      ? { event: null, change: publicChange(value) }
      : { event: eventType === null ? value : publicEvent(value as TrackedEvent) }),
    reason: letter.reason,
    code: letter.code,
    at: new Date(at).toISOString(),
    attempts: letter.attempts,
    replayedAt: replayedAt === null ? null : new Date(replayedAt).toISOString(),
  };
}

function publicEvent(event: TrackedEvent): JsonObject {
  const { eventType, userId, sessionId, componentId, elementId, keyword, postId, eventId, properties } =
    event;
  return {
    eventType,
    ...(userId !== undefined && { userId }),
    sessionId,
    metadata: {
      componentId,
      ...(elementId !== undefined && { elementId }),
      ...(keyword !== undefined && { keyword }),
      ...(postId !== undefined && { postId }),
    },
    eventId,
    occurredAt: new Date(event.occurredAt).toISOString(),
    ...(properties !== undefined && { properties }),
  };
}
