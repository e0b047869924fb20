import { randomUUIDv7 } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { createMetrics } from '@event-tracker/runtime';
import type { Request } from 'express';
import { answerFailure } from '../src/http/answer-failure.ts';
import { createBodyBudget } from '../src/http/body-budget.ts';
import { replayBody } from '../src/http/dead-letters.ts';
import type { IngestDeps } from '../src/http/ingest.ts';
import { createIngestBatch } from '../src/http/ingest-batch.ts';
import { createIngestOne } from '../src/http/ingest-one.ts';
import { parseBody } from '../src/http/json-body.ts';
import { toggleBody } from '../src/http/likes.ts';
import { postBody } from '../src/http/posts.ts';
import { createIngestMetrics } from '../src/ingest/ingest-metrics.ts';
import type { BodyShape } from './body-shapes.ts';

const budget = createBodyBudget({ bytesMax: 64 << 20, now: Date.now });
const limits = { sentMax: 8 << 20, inflatedMax: 8 << 20, batchEventsMax: 1000, budget };
const ingest: IngestDeps = {
  // What is valid goes no further: storing it is not measured.
  acceptor: {
    admission: () => () => true,
    accept: async () => ({ status: 'accepted' }),
  } as unknown as IngestDeps['acceptor'],
  limits,
  now: Date.now,
  newId: randomUUIDv7,
  metrics: createIngestMetrics(createMetrics('api')),
};
const one = createIngestOne(ingest);
const batch = createIngestBatch(ingest);
const schemas = { post: postBody, like: toggleBody, replay: replayBody };

/** Reads, checks and answers a body as the API does, from its bytes to those of the answer. */
export async function answerBody({ route }: BodyShape, body: Buffer): Promise<string> {
  const request = Readable.from([body], { objectMode: false }) as unknown as IncomingMessage;
  request.headers = { 'content-type': route === 'lines' ? 'application/x-ndjson' : 'application/json' };
  let answered = '';
  const response = {
    writeHead: () => response,
    end: (text: string) => {
      answered = text;
    },
    getHeader: () => 'an-id',
  } as unknown as ServerResponse;
  try {
    if (route === 'one') await one(request, response);
    else if (route === 'batch' || route === 'lines') await batch(request, response);
    else await parseBody(schemas[route], request as Request, limits);
  } catch (cause) {
    answerFailure(response, cause, (unexpected) => {
      throw unexpected;
    });
  }
  return answered;
}
