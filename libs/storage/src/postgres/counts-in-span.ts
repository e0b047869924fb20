import type { Grain, SubjectCount } from '@event-tracker/domain';
import type { BucketSpan } from '../bucket-spans.ts';
import type { Pool } from './pool.ts';
import { statement } from './sql.ts';

const { text: openCursor } = statement('counts-in-span');
const rowsPerPage = 10_000;

type CountRow = [bucket: number, eventType: SubjectCount['eventType'], subject: string, count: number];

/** The counts of the buckets of a span, by pages. The next page is under way while one is used. */
export async function* countsInSpan(
  pool: Pool,
  grain: Grain,
  { from, to }: BucketSpan,
): AsyncGenerator<SubjectCount[]> {
  const client = await pool.connect();
  const fetchPage = () => {
    const page = client.query<CountRow>({
      text: `fetch ${rowsPerPage} from counts_in_span`,
      rowMode: 'array',
    });
    // Whoever takes the page is told; until then nobody listens.
    page.catch(() => {});
    return page;
  };
  let finished = false;
  try {
    await client.query('begin');
    await client.query({ text: openCursor, values: [grain, from, to] });
    for (let next = fetchPage(); ; ) {
      const { rows } = await next;
      if (rows.length === 0) break;
      next = fetchPage();
      yield rows.map(([bucket, eventType, subject, count]) => ({ grain, bucket, eventType, subject, count }));
    }
    await client.query('commit');
    finished = true;
  } finally {
    client.release(!finished);
  }
}
