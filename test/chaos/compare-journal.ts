import type pg from 'pg';
import { modelOf, type SentEvent } from '../model.ts';
import { checksumOf, type Journal, type Maker, numberOf } from './journal.ts';
import { readStored, type StoredEvent } from './read-stored.ts';

/** Events by what became of them. */
export interface Fates {
  sent: number;
  acknowledged: number;
  /** Acknowledged, and not stored. */
  lost: number;
  /** Stored more than once, acknowledged or not. */
  doubled: number;
  /** Distinct ones. */
  stored: number;
}

/** The first few of each kind of difference are named. */
const namedMax = 20;

/** Compares what clients know with the rows of `event`, and these with the likes that stand. */
export async function compareJournal(
  database: pg.Client,
  journal: Journal,
): Promise<{ fates: Record<Maker, Fates>; wrong: string[] }> {
  const copies: number[] = [];
  const likes: SentEvent[] = [];
  const found = new Map<string, string[]>();
  const note = (what: string, which: string) => found.set(what, [...(found.get(what) ?? []), which]);

  for await (const rows of readStored(database)) {
    for (const row of rows) {
      const number = numberOf(row.session_id);
      copies[number] = (copies[number] ?? 0) + 1;
      if (journal.makerOf(number) === undefined) note('stored, and sent by nobody', name(row));
      else if (contentChecksum(row) !== journal.checksumOf(number))
        note('stored with other content', name(row));
      const id = journal.idOf(number);
      if (id !== undefined && id !== row.event_id) note(`stored under another id`, `${name(row)}, not ${id}`);
      if (row.event_type === 'LIKE' || row.event_type === 'UNLIKE') likes.push(asSent(row));
    }
  }
  const fates = { client: noFates(), server: noFates() };
  for (const number of journal.numbers()) {
    const maker = journal.makerOf(number);
    if (maker === undefined) continue;
    const count = copies[number] ?? 0;
    const acknowledged = journal.isAcknowledged(number);
    const which = `session ${number} (${journal.idOf(number) ?? 'no id'})`;
    fates[maker].sent += 1;
    if (acknowledged) fates[maker].acknowledged += 1;
    if (count > 0) fates[maker].stored += 1;
    if (count > 1) {
      fates[maker].doubled += 1;
      note('stored more than once', `${which}: ${count} times`);
    }
    if (acknowledged && count === 0) {
      fates[maker].lost += 1;
      note('acknowledged, and not stored', which);
    }
  }
  for (const line of await compareLikes(database, likes)) note('likes that stand', line);
  const wrong = [...found].map(
    ([what, which]) =>
      `${what}: ${which.length} in all${which
        .slice(0, namedMax)
        .map((one) => `\n    ${one}`)
        .join('')}`,
  );
  return { fates, wrong };
}

const noFates = (): Fates => ({ sent: 0, acknowledged: 0, lost: 0, doubled: 0, stored: 0 });

const name = (row: StoredEvent): string => `${row.session_id} (${row.event_id})`;

function contentChecksum(row: StoredEvent): number {
  return checksumOf({
    eventType: row.event_type,
    userId: row.user_id,
    sessionId: row.session_id,
    occurredAtMs: row.at,
    componentId: row.component_id,
    keyword: row.keyword ?? undefined,
    postId: row.post_id ?? undefined,
  });
}

function asSent(row: StoredEvent): SentEvent {
  return {
    eventId: row.event_id,
    eventType: row.event_type,
    userId: row.user_id,
    sessionId: row.session_id,
    occurredAt: new Date(row.at).toISOString(),
    metadata: { componentId: row.component_id, postId: row.post_id! },
  };
}

/** The model's last writer wins over what is stored, pair by pair. */
async function compareLikes(database: pg.Client, stored: readonly SentEvent[]): Promise<string[]> {
  const expected = modelOf(stored).likes;
  const { rows } = await database.query<{ pair: string; at: number }>(
    "select user_id || ' ' || post_id as pair, (extract(epoch from liked_at) * 1000)::float8 as at from post_like",
  );
  const standing = new Map(rows.map(({ pair, at }) => [pair, at]));
  return [...new Set([...expected.keys(), ...standing.keys()])]
    .filter((pair) => expected.get(pair) !== standing.get(pair))
    .map((pair) => `user and post ${pair}: ${standing.get(pair)} instead of ${expected.get(pair)}`);
}
