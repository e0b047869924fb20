import { plainArray } from './arrays.ts';
import type { Pool } from './pool.ts';
import { statement } from './sql.ts';

/** Minutes whose counts were committed and may not be in the views; milliseconds since the epoch, both inclusive. */
export interface ViewDebt {
  debtId: number;
  from: number;
  to: number;
}

export interface ViewDebts {
  /** Those that have stood for so long. Their committer has died, hangs, or could not reach Redis. */
  olderThan(ageMs: number, limit: number): Promise<ViewDebt[]>;
  /** Takes debts off whose minutes are merged. */
  pay(debtIds: readonly number[]): Promise<void>;
}

const oldViewDebts = statement('old-view-debts');
const deleteViewDebts = statement('delete-view-debts');

export function createViewDebts(pool: Pool): ViewDebts {
  return {
    async olderThan(ageMs, limit) {
      const { rows } = await pool.query<{ debt_id: number; from_minute: number; to_minute: number }>({
        ...oldViewDebts,
        values: [ageMs, limit],
      });
      return rows.map((row) => ({ debtId: row.debt_id, from: row.from_minute, to: row.to_minute }));
    },
    async pay(debtIds) {
      await pool.query({ ...deleteViewDebts, values: [plainArray(debtIds)] });
    },
  };
}
