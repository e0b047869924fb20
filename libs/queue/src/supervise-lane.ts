import { readFileSync } from 'node:fs';
import { repeat } from '@event-tracker/runtime/repeat';
import type { Boss } from './boss.ts';
import { durableLaneName } from './names.ts';

const lookEveryMs = 5000;
/** The schedule's queue, and jobs that are done and of no use any more. */
const allEveryMs = 60_000;
/** Beyond so many waiting jobs the measure of the lane needs pg-boss's count of them, which a supervision takes. */
const countedByBoss = 5000;

const lookQuery = readFileSync(new URL('queries/durable-lane-needs-care.sql', import.meta.url), 'utf8');

/**
 * Has pg-boss look after its queues: after all once a minute, after the lane within 5 s when a worker lost a job, or much
 * waits. By itself pg-boss would do all of it every 5 s, which is twenty transactions a time, at rest, too.
 *
 * Answers how to stop.
 */
export function superviseLane(boss: Boss, onError: (cause: unknown) => void): () => Promise<void> {
  let allAt = Number.NEGATIVE_INFINITY;

  async function look(): Promise<void> {
    const started = await boss.started();
    if (performance.now() - allAt >= allEveryMs) {
      await started.supervise();
      allAt = performance.now();
      return;
    }
    const { rows } = await boss.executeSql(lookQuery, [durableLaneName, countedByBoss]);
    if ((rows[0] as { needsCare: boolean }).needsCare) await started.supervise(durableLaneName);
  }
  return repeat(lookEveryMs, look, onError);
}
