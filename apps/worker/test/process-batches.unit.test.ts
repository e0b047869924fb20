import { type Batch, noCounts } from '@event-tracker/domain';
import { NeedsTrial } from '@event-tracker/queue';
import { createMetrics } from '@event-tracker/runtime';
import type { Ledger } from '@event-tracker/storage';
import { until } from '@event-tracker/testing';
import { expect, test } from '@jest/globals';
import { CommitFails } from '../src/commit-retries.ts';
import { createBatchProcessor } from '../src/process-batches.ts';
import { createWorkerMetrics } from '../src/worker-metrics.ts';
import { aBatch } from './support/test-system.ts';

type Commits = Pick<Ledger, 'commit'> & { commits: (readonly Batch[])[] };

/** Notes what it is asked to commit, and fails with a bad batch in it, once `gate` is open. */
function fakeLedger(isBad: (batch: Batch) => boolean, gate: () => Promise<void> = async () => {}): Commits {
  const commits: (readonly Batch[])[] = [];
  return {
    commits,
    async commit(batches) {
      commits.push(batches);
      await gate();
      if (batches.some(isBad)) throw new CommitFails(batches.length, new Error('too slow'));
      return {
        stored: batches.length,
        storedByType: noCounts(),
        duplicate: 0,
        dead: 0,
        committed: batches,
        fateOf: () => 'stored',
        repeatedBatches: 0,
        appendedRows: 1,
      };
    },
  };
}

function openProcessor(ledger: Commits, ledgerApart: Commits) {
  let noted = 0;
  const processor = createBatchProcessor({
    ledger,
    ledgerApart,
    mayAppend: async () => {},
    onCommit() {},
    commitEventsMax: 1000,
    commitBytesMax: 1_000_000_000,
    commitsInFlightMax: 2,
    commitEveryMs: 0,
    companyEnough: 32,
    metrics: createWorkerMetrics(createMetrics('worker'), Date.now),
    onProgress() {},
    onApart() {
      noted += 1;
    },
  });
  const outcomeOf = (batch: Batch) =>
    processor.process(batch, 'fast').then(
      () => 'stored',
      (cause: unknown) => (cause instanceof NeedsTrial ? 'needs a trial' : cause),
    );
  return { processor, outcomeOf, noted: () => noted };
}

test('what is committed with a bad batch is stored, and it alone needs a trial; when it comes again it meets nobody', async () => {
  const batches = Array.from({ length: 8 }, () => aBatch(1));
  const bad = batches[3]!;
  const isBad = (batch: Batch) => batch === bad;
  const [ledger, apart] = [fakeLedger(isBad), fakeLedger(isBad)];
  const { processor, outcomeOf, noted } = openProcessor(ledger, apart);

  const outcomes = await Promise.all(batches.map(outcomeOf));
  expect(outcomes).toEqual(batches.map((batch) => (isBad(batch) ? 'needs a trial' : 'stored')));
  expect(ledger.commits).toEqual([batches]);
  expect(noted()).toBe(1);

  const commitsBefore = apart.commits.length;
  const more = [aBatch(1), bad, aBatch(1)];
  expect(await Promise.all(more.map(outcomeOf))).toEqual(['stored', 'needs a trial', 'stored']);
  const commits = [...ledger.commits.slice(1), ...apart.commits.slice(commitsBefore)];
  expect(commits.filter((commit) => commit.some(isBad))).toEqual([[bad]]);
  expect(processor.held()).toBe(0);
  await processor.close();
});

test('commits go on while others are made apart, and none takes long then', async () => {
  const batches = [aBatch(1), aBatch(1)];
  const bad = batches[0]!;
  const gate = Promise.withResolvers<void>();
  const isBad = (batch: Batch) => batch === bad;
  const ledger = fakeLedger(isBad);
  let asked = 0;
  // The first is held.
  const apart = fakeLedger(isBad, () => {
    asked += 1;
    return asked === 1 ? gate.promise : Promise.resolve();
  });
  const { processor, outcomeOf } = openProcessor(ledger, apart);
  const first = batches.map(outcomeOf);
  await until(() => asked === 1);

  const beside = aBatch(1);
  expect(await outcomeOf(beside)).toBe('stored');
  expect(apart.commits.at(-1)).toEqual([beside]);
  gate.resolve();
  expect(await Promise.all(first)).toEqual(['needs a trial', 'stored']);

  const after = aBatch(1);
  expect(await outcomeOf(after)).toBe('stored');
  expect(ledger.commits.at(-1)).toEqual([after]);
  await processor.close();
});
