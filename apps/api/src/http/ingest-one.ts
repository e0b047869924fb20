import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseEvent } from '@event-tracker/domain';
import { type IngestDeps, parseJson, refuse } from './ingest.ts';
import { Problem } from './problem.ts';
import { readBody } from './read-body.ts';

const mediaTypes = ['application/json', 'text/plain'];

/** POST of one event. Works on Node's own request and answer: the framework around it would cost more than itself. */
export function createIngestOne({ acceptor, limits, now, newId, metrics }: IngestDeps) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { text } = await readBody(request, mediaTypes, limits);
    const parsed = parseEvent(parseJson(text), { now: now(), newId });
    if (!parsed.ok) {
      metrics.rejected();
      throw new Problem(400, 'the event is not valid', { errors: parsed.errors });
    }
    const acceptance = await acceptor.accept([parsed.event]);
    if (acceptance.status !== 'accepted') throw refuse(acceptance);
    // A UUID needs no escape, and has 36 bytes: the answer is always 50 bytes long.
    response.writeHead(202, acceptedHeaders).end(`{"eventId":"${parsed.event.eventId}"}`);
  };
}

const acceptedHeaders = {
  'content-type': 'application/json; charset=utf-8',
  'content-length': 50,
  'x-content-type-options': 'nosniff',
};
