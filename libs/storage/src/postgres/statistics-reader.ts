import { type EventType, grains, type Span, strategies, tieOrder } from '@event-tracker/domain';
import { plainArray } from './arrays.ts';
import type { Pool } from './pool.ts';
import { statement } from './sql.ts';

/** What a count is narrowed to; what is absent does not matter. */
export interface StatisticFilter {
  componentId?: number | undefined;
  keyword?: string | undefined;
  postId?: number | undefined;
}

/** Counts as the ledger has them. `effective` types count what took effect; nothing is netted here but in rankings. */
export interface StatisticsReader {
  countOfSubject(type: EventType, subject: string, spans: readonly Span[]): Promise<number>;
  /** By any filters, from the counts per minute. Milliseconds since the epoch, `to` exclusive. */
  countFiltered(type: EventType, filter: StatisticFilter, from: number, to: number): Promise<number>;
  ranking(
    type: EventType,
    spans: readonly Span[],
    limit: number,
  ): Promise<{ subject: string; count: number }[]>;
  /**
   * Counts by the start of their bucket, where there are any. Kept by all three grains of one subject, or of a whole type
   * where none is given; by other filters of minutes alone, and so for as long as those.
   */
  seriesOfSubject(type: EventType, subject: string | undefined, span: Span): Promise<Map<number, number>>;
  seriesFiltered(type: EventType, filter: StatisticFilter, span: Span): Promise<Map<number, number>>;
}

const countOfSubject = statement('count-of-subject');
const countInStatistic = statement('count-in-statistic');
const ranking = statement('ranking');
const seriesOfSubject = statement('series-of-subject');
const seriesOfType = statement('series-of-type');
const seriesInStatistic = statement('series-in-statistic');

type BucketRow = { bucket: number; count: number };

export function createStatisticsReader(pool: Pool): StatisticsReader {
  return {
    async countOfSubject(type, subject, spans) {
      const values = [type, subject, ...spanArrays(spans)];
      const { rows } = await pool.query<{ count: number }>({ ...countOfSubject, values });
      return rows[0]!.count;
    },
    async countFiltered(type, { componentId, keyword, postId }, from, to) {
      const values = [type, from, to, componentId, keyword, postId];
      const { rows } = await pool.query<{ count: number }>({ ...countInStatistic, values });
      return rows[0]!.count;
    },
    async ranking(type, spans, limit) {
      const { lessType, subjectKind } = strategies[type];
      const values = [type, lessType, ...spanArrays(spans), limit, tieOrder[subjectKind] === 'ascending'];
      const { rows } = await pool.query<{ subject: string; count: number }>({ ...ranking, values });
      return rows;
    },
    async seriesOfSubject(type, subject, { grain, from, to }) {
      const { rows } = await pool.query<BucketRow>(
        subject === undefined
          ? { ...seriesOfType, values: [grain, from, to, type] }
          : { ...seriesOfSubject, values: [grain, from, to, grains[grain], type, subject] },
      );
      return byBucket(rows);
    },
    async seriesFiltered(type, { componentId, keyword, postId }, { grain, from, to }) {
      const values = [grains[grain], from, to, type, componentId, keyword, postId];
      const { rows } = await pool.query<BucketRow>({ ...seriesInStatistic, values });
      return byBucket(rows);
    },
  };
}

function byBucket(rows: readonly BucketRow[]): Map<number, number> {
  return new Map(rows.map(({ bucket, count }) => [bucket, count]));
}

function spanArrays(spans: readonly Span[]): string[] {
  return [
    plainArray(spans.map((span) => span.grain)),
    plainArray(spans.map((span) => span.from)),
    plainArray(spans.map((span) => span.to)),
  ];
}
