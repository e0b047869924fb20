import type { SubjectCount } from '@event-tracker/domain';
import type { Pool } from './pool.ts';
import { statement } from './sql.ts';

const { text: openCursor } = statement('counts-in-span');
const rowsPerPage = 10_000;

type CountRow = Omit<SubjectCount, 'eventType'> & { event_type: SubjectCount['eventType'] };

/** The minute and hour counts of all buckets that hold minutes from `from` to `to` (ms since the epoch), by pages. */
export async function* countsInSpan(pool: Pool, from: number, to: number): AsyncGenerator<SubjectCount[]> {
  const client = await pool.connect();
  let finished = false;
  try {
    await client.query('begin');
    await client.query({ text: openCursor, values: [from, to] });
    for (;;) {
      const { rows } = await client.query<CountRow>(`fetch ${rowsPerPage} from counts_in_span`);
      if (rows.length === 0) break;
      yield rows.map(({ event_type: eventType, ...row }) => ({ ...row, eventType }));
    }
    await client.query('commit');
    finished = true;
  } finally {
    client.release(!finished);
  }
}
