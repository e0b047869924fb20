import { randomUUIDv7 } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { createMetrics } from '@event-tracker/runtime';
import { expect, test } from '@jest/globals';
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
import { type BodyShape, bodyShapes } from './body-shapes.ts';

/** What the contract allows: so many times JSON.parse of the same bytes, and so much an event. */
const timesParse = 5;
const anEventMs = 0.02;

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
async function answer({ route }: BodyShape, body: Buffer): Promise<string> {
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

function parse({ route }: BodyShape, body: Buffer): void {
  const text = body.toString();
  for (const part of route === 'lines' && text.trim() !== '' ? text.split('\n') : [text])
    try {
      JSON.parse(part);
    } catch {
      // As broken as it is meant to be.
    }
}

async function timeOf(work: () => unknown): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

const roundsLeast = 3;
const roundsMost = 25;

/**
 * The least that each took, in turn: what else the machine does only ever adds to it. More rounds where it seems to be too
 * slow, since a busy machine may have interrupted all of the first.
 */
async function measure(shape: BodyShape) {
  const body = Buffer.from(shape.text);
  let parsed = Number.POSITIVE_INFINITY;
  let taken = Number.POSITIVE_INFINITY;
  const allowed = () => timesParse * parsed + anEventMs * shape.events;
  for (let round = 0; round < roundsMost && (round < roundsLeast || taken > allowed()); round += 1) {
    parsed = Math.min(parsed, await timeOf(() => parse(shape, body)));
    taken = Math.min(taken, await timeOf(() => answer(shape, body)));
  }
  return { taken, allowed: allowed() };
}

test('every body costs at most five times its JSON.parse, and 20 µs an event', async () => {
  const tooSlow: string[] = [];
  for (const shape of bodyShapes()) {
    const { taken, allowed } = await measure(shape);
    if (taken > allowed)
      tooSlow.push(`${shape.route} ${shape.name}: ${taken.toFixed(2)} ms of ${allowed.toFixed(2)} ms`);
  }
  expect(tooSlow).toEqual([]);
}, 300_000);

test('no answer outgrows its body', async () => {
  for (const shape of bodyShapes()) {
    const body = Buffer.from(shape.text);
    const { length } = await answer(shape, body);
    // A result of an accepted event is longer than a short event; 1,000 errors are less than 500 bytes each.
    expect({ name: shape.name, tooLong: length > 500_000 && length > body.length }).toEqual({
      name: shape.name,
      tooLong: false,
    });
  }
}, 120_000);
