import { afterAll, test } from '@jest/globals';
import { createStages } from './support/stage.ts';
import { commit, foldPoints, type WorkerPoint, workerDies } from './support/worker-dies.ts';

const stages = createStages();
afterAll(() => stages.close());

const limitMs = 255_000;

const complete = "^pg with results as \\( update pgboss\\..* state = 'completed'";

const points: WorkerPoint[] = [
  { title: 'when it has taken a job', when: 'after', step: '^pg with next as' },
  { title: 'when it has claimed its batches', when: 'after', step: '^pg insert-batches$' },
  { title: 'before it commits', when: 'before', step: commit },
  { title: 'when the commit is on its way', when: 'sent', step: commit },
  { title: 'when it has committed', when: 'after', step: commit },
  { title: 'before it completes the job', when: 'before', step: complete },
  { title: 'when the completion is on its way', when: 'sent', step: complete },
  { title: 'when the job is completed', when: 'after', step: complete },
  ...foldPoints,
];

test.concurrent.each(points)(
  'a worker that dies with a batch of the durable lane $title leaves every event counted once',
  async (point) => {
    const stage = await stages.open();
    try {
      await workerDies(stage, point, { withoutRedis: true });
    } finally {
      await stage.close();
    }
  },
  limitMs,
);
