import type { SentEvent } from '../../model.ts';
import { sendUntilAccepted } from '../../send-events.ts';
import type { CrashPoint } from './crash-point.ts';
import { type Stage, untilDead } from './stage.ts';

export interface WorkerPoint extends CrashPoint {
  title: string;
}

/** The worker's own commit; other transactions end with the same word. */
export const commit = '^pg commit after insert-pending-entries';

/** After a commit, whichever lane its batches came by: what it appended is added up, shown, and entered in the books. */
export const foldPoints: WorkerPoint[] = [
  { title: 'before it folds', when: 'before', step: '^pg fold$' },
  { title: 'when the fold is on its way', when: 'sent', step: '^pg fold$' },
  { title: 'when it has folded, before it merges', when: 'after', step: '^pg fold$' },
  { title: 'before it merges', when: 'before', step: '^redis merge-counts' },
  { title: 'when it has merged some counts', when: 'after', step: '^redis merge-counts' },
  { title: 'before it enters the commit in the books', when: 'before', step: '^pg fold-entries$' },
  { title: 'when the entry is on its way', when: 'sent', step: '^pg fold-entries$' },
  { title: 'when it has entered the commit', when: 'after', step: '^pg fold-entries$' },
];

/** Batches wait on one lane, a worker dies over them, and another one finds them. */
export async function workerDies(
  stage: Stage,
  point: CrashPoint,
  { withoutRedis }: { withoutRedis: boolean },
): Promise<void> {
  const api = await stage.startApi({ withoutRedis });
  for (const request of stage.requests) await sendUntilAccepted([api.url], request.map(leaveIdToServer));
  const worker = await stage.startWorker({ crashAt: point });
  await untilDead(worker);
  await stage.startWorker();
  await stage.expectExact(withoutRedis ? await stage.startApi() : api);
}

/** With no id of a client's the batch's row alone keeps an event from counting twice. Likes of one moment are ordered by theirs. */
function leaveIdToServer(event: SentEvent): SentEvent {
  if (event.eventType === 'LIKE' || event.eventType === 'UNLIKE') return event;
  const { eventId, ...rest } = event;
  void eventId;
  return rest;
}
