import type { TrackedEvent } from '@event-tracker/domain';
import { statement } from '../sql.ts';
import type { Send } from '../transaction.ts';

const insertViewDebtStatement = statement('insert-view-debt');

/** Notes the span of minutes that the views owe; answers the debt's id. A commit of duplicates alone owes nothing. */
export async function insertViewDebt(
  send: Send,
  events: readonly TrackedEvent[],
): Promise<number | undefined> {
  if (events.length === 0) return undefined;
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const { occurredAt } of events) {
    if (occurredAt < from) from = occurredAt;
    if (occurredAt > to) to = occurredAt;
  }
  const [row] = await send<{ debt_id: number }>(insertViewDebtStatement, [from, to]);
  return row?.debt_id;
}
