import { type EventType, strategies } from '@event-tracker/domain';
import { type Counter, latencyBounds, type Metrics } from '@event-tracker/runtime';
import type { EventFate } from '@event-tracker/storage';

/** What a worker counts. Told once a commit, or once an event of it where only a number is added. */
export interface WorkerMetrics {
  committed(batches: number, events: number, seconds: number): void;
  failed(): void;
  event(type: EventType, outcome: EventFate, lane: string): void;
  buried(events: number): void;
  /** A fold added so many changes up. */
  folded(changes: number): void;
  foldFailed(): void;
  /** A change went to the dead letters. */
  changeDied(): void;
  /** The views hold a fold's counts, or could not be reached. */
  merged(seconds: number, reached: boolean): void;
  /** Events are shown, the first of which the API took then; milliseconds since the epoch. */
  shown(receivedAt: number, events: number): void;
}

/** Events: a commit is as large as what is held. */
const sizeBounds = [1, 10, 50, 100, 250, 500, 1000, 2000, 5000, 10_000];

const visibleBounds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600, 3600];

export function createWorkerMetrics(metrics: Metrics, now: () => number): WorkerMetrics {
  const events = metrics.counter({
    name: 'events_total',
    help: 'Events by what became of them: at the API (accepted, busy, late, rejected, repeated, unavailable) and at the worker (stored, duplicate, dead).',
    labels: ['type', 'outcome', 'lane'],
  });
  const types = Object.keys(strategies) as EventType[];
  const byLane = (lane: string) =>
    Object.fromEntries(
      types.map((type) => [
        type,
        {
          stored: events.of(type, 'stored', lane),
          duplicate: events.of(type, 'duplicate', lane),
          dead: events.of(type, 'dead', lane),
        },
      ]),
    ) as Record<EventType, Record<EventFate, Counter>>;
  const counted: Record<string, ReturnType<typeof byLane>> = {
    fast: byLane('fast'),
    durable: byLane('durable'),
  };
  const buried = events.of('unknown', 'dead', 'none');
  const commits = metrics.counter({
    name: 'commits_total',
    help: 'Commits by their outcome. One that waits for PostgreSQL to come back is in neither.',
    labels: ['outcome'],
  });
  const [done, failed] = [commits.of('done'), commits.of('failed')];
  const histogram = (name: string, help: string, bounds: readonly number[]) =>
    metrics.histogram({ name, help, labels: [], bounds }).of();
  const commitSeconds = histogram(
    'commit_seconds',
    'From taking up batches to their commit, retries and waits included.',
    latencyBounds,
  );
  const commitEvents = histogram('commit_events', 'Events of a commit.', sizeBounds);
  const commitBatches = metrics
    .counter({ name: 'committed_batches_total', help: 'Batches that were committed.', labels: [] })
    .of();
  const folds = metrics.counter({
    name: 'folds_total',
    help: 'Folds that added something up, and those that failed, by their outcome.',
    labels: ['outcome'],
  });
  const [foldsDone, foldsFailed] = [folds.of('done'), folds.of('failed')];
  const foldedChanges = metrics
    .counter({ name: 'folded_changes_total', help: 'Changes that folds added up.', labels: [] })
    .of();
  const deadChanges = metrics
    .counter({
      name: 'dead_changes_total',
      help: 'Changes that could not be added up and went to the dead letters.',
      labels: [],
    })
    .of();
  const mergeSeconds = histogram('merge_seconds', 'A merge of counts into the views.', latencyBounds);
  const mergesMissed = metrics
    .counter({
      name: 'merges_missed_total',
      help: 'Folds whose counts could not be merged, so that their view debt stands.',
      labels: [],
    })
    .of();
  const visibleSeconds = histogram(
    'event_visible_seconds',
    'From when the API took an event to when statistics show it, by the clocks of both machines.',
    visibleBounds,
  );

  return {
    committed(batches, size, seconds) {
      done.add();
      commitBatches.add(batches);
      commitEvents.observe(size);
      commitSeconds.observe(seconds);
    },
    failed: () => failed.add(),
    event: (type, outcome, lane) => counted[lane]![type][outcome].add(),
    buried: (count) => buried.add(count),
    merged(seconds, reached) {
      if (reached) mergeSeconds.observe(seconds);
      else mergesMissed.add();
    },
    folded(changes) {
      foldsDone.add();
      foldedChanges.add(changes);
    },
    foldFailed: () => foldsFailed.add(),
    changeDied: () => deadChanges.add(),
    shown(receivedAt, events) {
      visibleSeconds.observe(Math.max(0, now() - receivedAt) / 1000, events);
    },
  };
}
