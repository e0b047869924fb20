import type { HeldJobs } from '@event-tracker/queue';
import type { Metrics, Sampled } from '@event-tracker/runtime';
import type { DatabaseState } from '@event-tracker/storage';
import type { OpenFolds } from './open-folds.ts';
import type { ProgressWatch } from './progress-watch.ts';

/** How the worker stands, and what it sees of the database: read at a scrape. */
export function registerGauges(deps: {
  metrics: Metrics;
  database: Sampled<DatabaseState>;
  progress: ProgressWatch;
  held: Pick<HeldJobs, 'events' | 'bytes'>;
  folds: Pick<OpenFolds, 'backlog' | 'stalledMs'>;
  /** When a round of looking after the views last ended well. */
  viewsKeptAt(): number | undefined;
  now: () => number;
}): void {
  const { metrics, database, progress, held, folds, viewsKeptAt, now } = deps;
  const gauge = (name: string, help: string, read: () => number | undefined) =>
    metrics.read({ type: 'gauge', name, help, labels: [], read: () => [[read()] as const] });

  gauge(
    'worker_stalled_seconds',
    'For how long batches have waited while none completed; 0 without any.',
    () => progress.stalledMs() / 1000,
  );
  gauge('worker_held_events', 'Events of the batches that the worker holds.', held.events);
  gauge('worker_held_bytes', 'About what the events that the worker holds take in memory.', held.bytes);
  gauge(
    'fold_waiting_rows',
    'Rows that commits appended and no fold has added up.',
    () => folds.backlog().rows,
  );
  gauge(
    'fold_oldest_seconds',
    'Age of the oldest row that commits appended and no fold has added up; 0 without any.',
    () => folds.backlog().oldestMs / 1000,
  );
  gauge(
    'fold_stalled_seconds',
    'For how long commits have waited to be added up while none was; 0 without any.',
    () => folds.stalledMs() / 1000,
  );
  gauge(
    'fold_unknown_rows',
    'Rows to be added up whose version this worker does not know: they wait for a newer one.',
    () => folds.backlog().unknown,
  );
  gauge('views_kept_seconds', 'Since a round of looking after the views last ended well.', () => {
    const keptAt = viewsKeptAt();
    return keptAt === undefined ? undefined : (now() - keptAt) / 1000;
  });
  gauge(
    'view_debt_oldest_seconds',
    'Age of the oldest commit that the views may not show; 0 without any.',
    () => {
      const state = database.latest();
      return state && (state.oldestDebtSeconds ?? 0);
    },
  );
  gauge('database_bytes', 'Size of the database.', () => database.latest()?.bytes);
  gauge(
    'partitions_missing',
    'Daily partitions that today and the two days after it lack.',
    () => database.latest()?.partitionsMissing,
  );
  gauge(
    'dead_letters',
    'Dead letters that were not replayed; 10,000 at most are counted.',
    () => database.latest()?.deadLetters,
  );
}
