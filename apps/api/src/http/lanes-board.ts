import { createDeadLetterWriter, type Pool } from '@event-tracker/storage';
import type { RequestHandler } from 'express';
import type { ApiConfig } from '../config.ts';
import type { Lanes } from '../ingest/open-lanes.ts';

export const queueBoardPath = '/admin/queues';

/** The queue board over what lies on Redis. Made when it is first asked for: most processes never are. */
export function lanesBoard(deps: {
  config: ApiConfig;
  lanes: Pick<Lanes, 'fast' | 'quarantine'>;
  pool: Pool;
}): RequestHandler {
  const { config, lanes, pool } = deps;
  let board: Promise<RequestHandler> | undefined;

  async function makeBoard(): Promise<RequestHandler> {
    const { queueBoard } = await import('./queue-board.ts');
    return queueBoard({
      path: `${config.BASE_PATH}${queueBoardPath}`,
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

  return async (request, response, next) => {
    board ??= makeBoard();
    await (await board)(request, response, next);
  };
}
