import { plainArray } from './arrays.ts';
import type { Pool } from './pool.ts';
import { statement } from './sql.ts';

/** Counts that were added up and may not be in the views; milliseconds since the epoch, both inclusive. */
export interface ViewDebt {
  debtId: number;
  from: number;
  to: number;
  /** Starts of the hours that are owed, in order; null, in a debt of the release before this one: all minutes between. */
  hours: number[] | null;
}

export interface ViewDebts {
  /** Those that have stood for so long. The worker that owes has died, hangs, or could not reach Redis. */
  olderThan(ageMs: number, limit: number): Promise<ViewDebt[]>;
  /** Takes debts off whose counts are merged. */
  pay(debtIds: readonly number[]): Promise<void>;
  /** Notes that these hours, by their starts in milliseconds since the epoch, may not be in the views. */
  owe(hours: readonly number[]): Promise<void>;
  /** Makes one debt of those that have stood for so long, for while none can be paid. */
  unite(ageMs: number): Promise<void>;
}

interface ViewDebtRow {
  debt_id: number;
  from_minute: number;
  to_minute: number;
  hours: number[] | null;
}

const oldViewDebts = statement('old-view-debts');
const deleteViewDebts = statement('delete-view-debts');
const oweViews = statement('owe-views');
const uniteViewDebts = statement('unite-view-debts');

export function createViewDebts(pool: Pool): ViewDebts {
  return {
    async olderThan(ageMs, limit) {
      const { rows } = await pool.query<ViewDebtRow>({ ...oldViewDebts, values: [ageMs, limit] });
      return rows.map((row) => ({
        debtId: row.debt_id,
        from: row.from_minute,
        to: row.to_minute,
        hours: row.hours,
      }));
    },
    async pay(debtIds) {
      await pool.query({ ...deleteViewDebts, values: [plainArray(debtIds)] });
    },
    async owe(hours) {
      await pool.query({ ...oweViews, values: [plainArray(hours)] });
    },
    async unite(ageMs) {
      await pool.query({ ...uniteViewDebts, values: [ageMs] });
    },
  };
}
