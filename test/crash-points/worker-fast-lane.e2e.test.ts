import { afterAll, test } from '@jest/globals';
import { createStages } from './support/stage.ts';
import { commit, foldPoints, type WorkerPoint, workerDies } from './support/worker-dies.ts';

const stages = createStages();
afterAll(() => stages.close());

const limitMs = 255_000;

const points: WorkerPoint[] = [
  { title: 'when it has taken a job', when: 'after', step: '^redis moveToActive' },
  { title: 'before it claims its batches', when: 'before', step: '^pg insert-batches' },
  ...[
    'insert-batches',
    'insert-event-keys',
    'insert-events',
    'insert-pending-changes',
    'insert-pending-entries',
  ].map((name): WorkerPoint => ({ title: `after ${name}`, when: 'after', step: `^pg ${name}$` })),
  { title: 'before it commits', when: 'before', step: commit },
  { title: 'when the commit is on its way', when: 'sent', step: commit },
  { title: 'when it has committed', when: 'after', step: commit },
  { title: 'before it completes the job', when: 'before', step: '^redis moveToFinished' },
  { title: 'when the completion is on its way', when: 'sent', step: '^redis moveToFinished' },
  { title: 'when the job is completed', when: 'after', step: '^redis moveToFinished' },
  ...foldPoints,
];

test.concurrent.each(points)(
  'a worker that dies $title leaves every event counted once',
  async (point) => {
    const stage = await stages.open();
    try {
      await workerDies(stage, point, { withoutRedis: false });
    } finally {
      await stage.close();
    }
  },
  limitMs,
);
