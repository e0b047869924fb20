import { sessionOf, type TrackedEvent } from '@event-tracker/domain';
import type { Acceptor } from './accept-events.ts';

/** Usual component of searches. */
const searchComponent = 1001;

/** Notes that somebody searched. */
export type RecordSearch = (userId: number, keyword: string) => void;

/** Records searches as events, best effort: nobody waits for it, and what is refused is lost. */
export function createSearchRecorder(deps: {
  acceptor: Pick<Acceptor, 'accept'>;
  now(): number;
  newId(): string;
  onError(cause: unknown): void;
}): RecordSearch {
  const { acceptor, now, newId, onError } = deps;
  return (userId, keyword) => {
    const at = now();
    const event: TrackedEvent = {
      eventId: newId(),
      clientId: false,
      eventType: 'SEARCH',
      userId,
      sessionId: sessionOf(userId),
      componentId: searchComponent,
      keyword,
      occurredAt: at,
      receivedAt: at,
    };
    acceptor.accept([event]).catch(onError);
  };
}
