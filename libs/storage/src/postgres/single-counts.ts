import type { SubjectCount } from '@event-tracker/domain';
import { plainArray, textArray } from './arrays.ts';
import type { Pool } from './pool.ts';
import { statement } from './sql.ts';

const countsOfSubjects = statement('counts-of-subjects');
const someCountsOfBuckets = statement('some-counts-of-buckets');

/** A subject of a bucket. */
export type CountKey = Omit<SubjectCount, 'count'>;
export type BucketKey = Omit<CountKey, 'subject'>;

type SubjectCountRow = Omit<SubjectCount, 'eventType'> & { event_type: SubjectCount['eventType'] };

/** Counts as the ledger has them, in the order of the keys. */
export async function countsOf(pool: Pool, keys: readonly CountKey[]): Promise<number[]> {
  const values = [...bucketArrays(keys), textArray(keys.map((key) => key.subject))];
  const { rows } = await pool.query<{ count: number }>({ ...countsOfSubjects, values });
  return rows.map((row) => row.count);
}

/** A few counts of each bucket, `each` at most. */
export async function someCountsOf(
  pool: Pool,
  buckets: readonly BucketKey[],
  each: number,
): Promise<SubjectCount[]> {
  const values = [...bucketArrays(buckets), each];
  const { rows } = await pool.query<SubjectCountRow>({ ...someCountsOfBuckets, values });
  return rows.map(({ event_type: eventType, ...row }) => ({ ...row, eventType }));
}

function bucketArrays(keys: readonly BucketKey[]): string[] {
  return [
    plainArray(keys.map((key) => key.grain)),
    plainArray(keys.map((key) => key.bucket)),
    plainArray(keys.map((key) => key.eventType)),
  ];
}
