import { createDeadLetterWriter, type Pool } from '@event-tracker/storage';
import type { RequestHandler } from 'express';
import type { ApiConfig } from '../config.ts';
import type { Lanes } from '../ingest/open-lanes.ts';
import { queueBoard } from './queue-board.ts';

/** The queue board over what lies on Redis. */
export function lanesBoard(deps: {
  config: ApiConfig;
  lanes: Pick<Lanes, 'fast' | 'quarantine'>;
  pool: Pool;
}): RequestHandler {
  const { config, lanes, pool } = deps;
  return queueBoard({
    queues: [
      { queue: lanes.fast.queue, description: 'The fast lane. A job is a batch of events.' },
      {
        queue: lanes.quarantine.queue,
        description: 'Batches whose workers died over them, each tried alone.',
      },
    ],
    readOnly: config.QUEUE_BOARD_READ_ONLY,
    redacted: config.QUEUE_BOARD_REDACTED,
    bury: createDeadLetterWriter(pool).bury,
  });
}
