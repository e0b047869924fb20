import type { TrackedEvent } from '@event-tracker/domain';
import { until } from '@event-tracker/testing';
import {
  createViewDebts,
  createViewKeeper,
  type ViewDebts,
  type ViewKeeper,
  type Views,
} from '../../src/index.ts';
import { aBatch } from './builders.ts';
import { openTestLedger, type TestLedger } from './test-ledger.ts';
import { openTestViews, type TestViews } from './test-views.ts';

export interface TestKeeper {
  ledger: TestLedger;
  shown: TestViews;
  debts: ViewDebts;
  keeper: ViewKeeper;
  /** Another worker's keeper of the same stores; `views` in place of its own. */
  anotherKeeper(views?: Views, keptElsewhere?: () => Promise<boolean>): ViewKeeper;
  /** Commits as a worker that dies before its merge. */
  commitUnshown(events: TrackedEvent[]): Promise<void>;
  /** Commits, merges and pays as a healthy worker. */
  commitShown(events: TrackedEvent[]): Promise<void>;
  /** Keeps, in as many rounds as it takes. */
  keepUntilFresh(): Promise<void>;
  /** Waits until nobody holds the lock of the full merge: it goes with its connection, a moment after the merge. */
  noFullMerge(): Promise<void>;
  /** Empties both stores. */
  empty(): Promise<void>;
  /** Makes the debts that stand look so much older. */
  ageDebts(ms: number): Promise<void>;
  /** Lines for people; none when the views hold what the ledger counted, no more and no less. */
  differences(): Promise<string[]>;
  close(): Promise<void>;
}

/** Stores and a keeper of their views, on the real clock. */
export async function openTestKeeper(): Promise<TestKeeper> {
  const [ledger, shown] = await Promise.all([openTestLedger({ connections: 12 }), openTestViews()]);
  const debts = createViewDebts(ledger.pool);
  const anotherKeeper = (views = shown.views, keptElsewhere = async () => false) =>
    createViewKeeper({
      pool: ledger.pool,
      views,
      debts,
      freshness: shown.freshness,
      now: Date.now,
      keptElsewhere,
    });
  const keeper = anotherKeeper();
  const noFullMerge = () =>
    until(async () => {
      const held = await ledger.rows(
        `select from pg_locks where locktype = 'advisory'
           and database = (select oid from pg_database where datname = current_database())`,
      );
      return held.length === 0;
    });
  return {
    ledger,
    shown,
    debts,
    keeper,
    anotherKeeper,
    async commitUnshown(events) {
      await ledger.commitAndFold([aBatch(events)]);
    },
    async commitShown(events) {
      const { counts, recentKeywords, debtIds } = await ledger.commitAndFold([aBatch(events)]);
      await shown.views.merge(counts, recentKeywords);
      await debts.pay(debtIds);
    },
    keepUntilFresh: () =>
      until(async () => {
        await keeper.keep();
        return (await shown.reader.ranking('CLICK', '1h', 1)).status === 'fresh';
      }),
    noFullMerge,
    async empty() {
      await ledger.empty();
      await shown.redis.flushall();
      await noFullMerge();
    },
    async ageDebts(ms) {
      const older = "update view_debt set created_at = created_at - $1 * interval '1 millisecond'";
      await ledger.rows(older, [ms]);
    },
    differences: () => differences(ledger, shown),
    async close() {
      await Promise.all([ledger.close(), shown.close()]);
    },
  };
}

async function differences(ledger: TestLedger, { redis }: TestViews): Promise<string[]> {
  const found: string[] = [];
  const inViews = new Map<string, string>();
  for (const key of await redis.keys('view:*:20*')) {
    const members = await redis.zrange(key, 0, '-1', 'WITHSCORES');
    const bucket = key.split('}:')[1];
    for (let at = 0; at < members.length; at += 2) inViews.set(`${bucket} ${members[at]}`, members[at + 1]!);
  }
  const counts = await ledger.rows<{ member: string; count: string }>(
    `select count::text,
       concat(event_type, ':', grain, ':', to_char(bucket at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI'), ' ', subject) as member
     from subject_count where grain <> 'day'`,
  );
  for (const { member, count } of counts) {
    const shown = inViews.get(member);
    if (shown !== count) found.push(`${member}: ${shown} instead of ${count}`);
    inViews.delete(member);
  }
  for (const [member, count] of inViews) found.push(`${member}: ${count} of nothing in the ledger`);
  return found;
}
