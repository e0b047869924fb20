import { isEventType, type RecentKeyword, type SubjectCount } from '@event-tracker/domain';
import { plainArray } from '../arrays.ts';
import type { Pool } from '../pool.ts';
import { statement } from '../sql.ts';
import { knownVersions } from './pending-version.ts';

/** What a fold is asked for. */
export interface FoldRequest {
  shards: readonly number[];
  /** Rows of `pending_change`, and changes in them, taken at most; one row always is. */
  rowsMax: number;
  changesMax: number;
  /** A shard that was folded less long ago is left. Milliseconds. */
  everyMs: number;
  /** The one row of these shards that is taken. */
  onlyChange?: number;
}

/** What a fold added up. */
export interface Fold {
  /** The shards that it folded. */
  shards: number[];
  /** A shard was left: another fold has it, or it was folded just now. */
  held: boolean;
  changes: number;
  /** A limit was reached: there is more. */
  more: boolean;
  /** Absolute counts of the subjects that it touched by minute and hour, for the views. */
  counts: SubjectCount[];
  recentKeywords: RecentKeyword[];
  /** Paid by merging the above; undefined when there is nothing to merge. */
  debtId: number | undefined;
}

/** What was entered in the books. */
export interface EnteredCommits {
  entries: number;
  /** Some wait still. */
  left: boolean;
  /** What statistics show now: events, and when the API took the first of them, in milliseconds since the epoch. */
  shown: { receivedAt: number; events: number }[];
}

export interface Folds {
  /** Adds up the oldest of what waits, in one statement. Rejects when nothing was added up, or when that is not known. */
  fold(request: FoldRequest): Promise<Fold>;
  /**
   * Enters commits in the books whose changes were added up and shown.
   *
   * @param merged view debts whose hours are in the views: their rows go
   */
  enter(rowsMax: number, merged: readonly number[]): Promise<EnteredCommits>;
}

interface FoldAnswer {
  shards: number[];
  held: boolean;
  changes: number;
  more: boolean;
  debt: number | null;
  counts: [grain: 'minute' | 'hour', bucket: number, type: string, subjects: string[], counts: number[]][];
  recent: [userId: number, keyword: string, occurredAt: number][];
}

interface EntriesAnswer {
  entries: number;
  left: boolean;
  shown: [receivedAt: number, events: number][];
}

const foldStatement = statement('fold');
const foldEntries = statement('fold-entries');

export function createFolds(pool: Pool): Folds {
  return {
    async fold({ shards, rowsMax, changesMax, everyMs, onlyChange }) {
      const values = [plainArray(shards), plainArray(knownVersions), rowsMax, changesMax, everyMs];
      const { rows } = await pool.query<{ folded: FoldAnswer }>({
        ...foldStatement,
        values: [...values, onlyChange ?? null],
      });
      const { counts, recent, debt, ...rest } = rows[0]!.folded;
      return {
        ...rest,
        counts: counts.flatMap(subjectCounts),
        recentKeywords: recent.map(([userId, keyword, occurredAt]) => ({ userId, keyword, occurredAt })),
        debtId: debt ?? undefined,
      };
    },
    async enter(rowsMax, merged) {
      const values = [plainArray(knownVersions), rowsMax, plainArray(merged)];
      const { rows } = await pool.query<{ folded: EntriesAnswer }>({ ...foldEntries, values });
      const { shown, ...rest } = rows[0]!.folded;
      return { ...rest, shown: shown.map(([receivedAt, events]) => ({ receivedAt, events })) };
    },
  };
}

function subjectCounts([grain, bucket, eventType, subjects, counts]: FoldAnswer['counts'][number]) {
  // A type that a newer worker appended is in no view of this release.
  if (!isEventType(eventType)) return [];
  return subjects.map(
    (subject, at): SubjectCount => ({ grain, bucket, eventType, subject, count: counts[at]! }),
  );
}
