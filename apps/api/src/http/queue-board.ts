import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import { type BuriedJob, type Removal, removeJob } from '@event-tracker/queue';
import type { Queue } from 'bullmq';
import ejs from 'ejs';
import { type Express, Router } from 'express';
import { onlyMethods } from './only-methods.ts';

export interface QueueBoardOptions {
  /** Where browsers find it. */
  path: string;
  queues: readonly { queue: Queue; description: string }[];
  /** Nothing can be changed. */
  readOnly: boolean;
  /** What is in a batch is not shown, only what it says about itself. */
  redacted: boolean;
  /** Puts a job that is removed among the dead letters. */
  bury(job: BuriedJob): Promise<void>;
}

/** Changes that take no event away: what waits is tried at once, or later. Whatever is not here is refused. */
const harmless = new Set([
  '/api/queues/pause',
  '/api/queues/resume',
  '/api/queues/:queueName/pause',
  '/api/queues/:queueName/resume',
  '/api/queues/:queueName/promote',
  '/api/queues/:queueName/retry/:queueStatus',
  '/api/queues/:queueName/:jobId/promote',
  '/api/queues/:queueName/:jobId/retry',
]);

/** The page asks another company for fonts, which would learn who looks at it; it is as readable without. */
const foreignFile = /<link\b[^>]*\bhref="(?:https?:)?\/\/[^>]*>/g;

const refusal =
  'Jobs hold events that were acknowledged. They can be retried, promoted, and removed one at a time: the events of a job that is removed go to the dead letters.';

/** Bull Board over the fast lane and the quarantine. Nothing that was acknowledged can be lost by a click on it. */
export function queueBoard({ path, queues, readOnly, redacted, bury }: QueueBoardOptions): Router {
  const serverAdapter = new ExpressAdapter();
  serverAdapter.setBasePath(path);
  createBullBoard({
    queues: queues.map(({ queue, description }) => {
      const options = { description, readOnlyMode: readOnly, allowCompletedRetries: false };
      const adapter = new BullMQAdapter(queue, options);
      if (redacted) adapter.setFormatter('data', withoutEvents);
      return adapter;
    }),
    serverAdapter,
    options: {
      uiConfig: { boardTitle: 'Event Tracker' },
      handlerHooks: {
        before({ method, route }) {
          if (method === 'get') return;
          if (readOnly) return { allow: false, status: 405, errorKey: 'ERRORS.QUEUE_READ_ONLY' };
          if (!harmless.has(route)) return { allow: false, status: 403, message: refusal };
        },
      },
    },
  });

  const board = serverAdapter.getRouter() as Express;
  board.disable('x-powered-by');
  board.engine('ejs', (file, options, done) => {
    ejs.renderFile(file, options, (cause, page) => done(cause, page?.replace(foreignFile, '')));
  });

  const router = Router();
  router.put('/api/queues/:queueName/:jobId/clean', async (request, response, next) => {
    const { queueName, jobId } = request.params;
    const found = queues.find(({ queue }) => queue.name === queueName);
    // The board refuses these itself.
    if (readOnly || !found) return next();
    const [status, key] = removalAnswers[await removeJob(found.queue, jobId, bury)];
    response.status(status).json(key === undefined ? {} : { error: { key } });
  });
  router.use(board);
  router.all('/', onlyMethods('GET'));
  return router;
}

/** As the board's page understands them. */
const removalAnswers: Record<Removal, [status: number, key?: string]> = {
  removed: [204],
  unknown: [404, 'ERRORS.JOB_NOT_FOUND'],
  held: [409, 'ERRORS.JOB_IS_ACTIVE'],
};

/** The envelope is frozen across versions; what else a payload holds may be somebody's. */
const envelope = ['version', 'id', 'producer', 'acknowledged', 'count'];

function withoutEvents(data: unknown): unknown {
  if (typeof data !== 'object' || data === null) return '(redacted)';
  const kept = Object.entries(data).filter(([name]) => envelope.includes(name));
  return { ...Object.fromEntries(kept), events: '(redacted)' };
}
