import type pg from 'pg';
import type { SentEvent } from '../model.ts';

export interface StoredEvent {
  event_id: string;
  event_type: SentEvent['eventType'];
  user_id: number;
  session_id: string;
  component_id: number;
  keyword: string | null;
  post_id: number | null;
  /** Milliseconds since the epoch. */
  at: number;
}

const perPage = 10_000;

/** The rows of `event`, a page at a time. */
export async function* readStored(database: pg.Client): AsyncGenerator<StoredEvent[]> {
  await database.query('begin');
  try {
    await database.query(`
      declare stored cursor for
      select event_id, event_type, user_id::float8, session_id, component_id::float8, keyword, post_id::float8,
        (extract(epoch from occurred_at) * 1000)::float8 as at
      from event`);
    for (;;) {
      const { rows } = await database.query<StoredEvent>(`fetch ${perPage} from stored`);
      if (rows.length === 0) return;
      yield rows;
    }
  } finally {
    await database.query('rollback');
  }
}
