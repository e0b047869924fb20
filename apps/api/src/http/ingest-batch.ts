import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  checkFields,
  type FieldError,
  type ParsedEvent,
  parseEvent,
  readMoment,
  sentAt,
  type TrackedEvent,
  unknownFieldErrors,
} from '@event-tracker/domain';
import type { Admission } from '../ingest/back-pressure.ts';
import type { IngestMetrics } from '../ingest/ingest-metrics.ts';
import { type IngestDeps, parseJson, refuse } from './ingest.ts';
import { Problem, retryAfter, shareOfErrors } from './problem.ts';
import { type Body, readBody } from './read-body.ts';

const ndjson = 'application/x-ndjson';
const mediaTypes = ['application/json', 'text/plain', ndjson];

type Result =
  | { index: number; status: 'accepted' | 'duplicate'; eventId: string }
  | { index: number; status: 'rejected'; errors: readonly FieldError[] }
  | { index: number; status: 'busy' };

/** POST of many events, each with a result of its own: a bad one does not hold up the rest. */
export function createIngestBatch({ acceptor, limits, now, newId, metrics }: IngestDeps) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(request, mediaTypes, limits);
    const read = readEvents(body, limits.batchEventsMax);
    const context = { now: now(), newId, sentAt: read.sentAt };
    const parsed = boundErrors(
      read.events.map((event) => (event.ok ? parseEvent(event.value, context) : event)),
    );
    const { results, accepted, busy } = resultsOf(parsed, acceptor.admission());
    countResults(metrics, parsed, results);
    if (accepted.length === 0) {
      const errors = results.flatMap(batchErrors);
      // Nothing is acknowledged, so whoever looks at the status alone must not take it for success.
      if (busy > 0) throw refuse({ status: 'busy', reason: 'too many events wait to be processed' }, errors);
      throw new Problem(400, 'no event of the batch is valid', { errors });
    }
    const acceptance = await acceptor.accept(accepted);
    if (acceptance.status !== 'accepted') throw refuse(acceptance);
    const answer = JSON.stringify({
      accepted: accepted.length,
      rejected: results.length - accepted.length - busy,
      results,
    });
    response.writeHead(202, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(answer),
      'x-content-type-options': 'nosniff',
      ...(busy > 0 && retryAfter),
    });
    response.end(answer);
  };
}

type ReadEvent = { ok: true; value: unknown } | Extract<ParsedEvent, { ok: false }>;

interface ReadBatch {
  events: ReadEvent[];
  /** The sender's clock for all of them, milliseconds since the epoch. */
  sentAt: number | undefined;
}

function readEvents({ mediaType, text }: Body, maximum: number): ReadBatch {
  const isLines = mediaType === ndjson;
  const batch = isLines ? { events: readLines(text, maximum) } : readArray(parseJson(text));
  const { events } = batch;
  // Counted before anything is made of them: a body of nothing but commas is millions of events.
  if (events.length < 1 || events.length > maximum) {
    const message = `must be 1 to ${maximum} events, got ${events.length > maximum ? 'more' : 'none'}`;
    throw new Problem(400, 'the batch is not valid', { errors: [{ path: 'events', message }] });
  }
  return {
    events: isLines ? (events as string[]).map(readLine) : events.map((value) => ({ ok: true, value })),
    sentAt: 'sentAt' in batch ? batch.sentAt : undefined,
  };
}

/** The lines that are not blank; one more than there may be, at most. Blank ones are passed over all at once. */
function readLines(text: string, maximum: number): string[] {
  const lines: string[] = [];
  const visible = /\S/g;
  while (lines.length <= maximum && visible.test(text)) {
    const begin = text.lastIndexOf('\n', visible.lastIndex - 1) + 1;
    const end = text.indexOf('\n', visible.lastIndex);
    lines.push(text.slice(begin, end < 0 ? text.length : end));
    if (end < 0) break;
    visible.lastIndex = end + 1;
  }
  return lines;
}

function readLine(line: string): ReadEvent {
  try {
    return { ok: true, value: JSON.parse(line) };
  } catch {
    return { ok: false, errors: [{ path: '', message: 'the line is not valid JSON' }] };
  }
}

function readArray(body: unknown): { events: unknown[]; sentAt?: number | undefined } {
  if (Array.isArray(body)) return { events: body };
  if (typeof body !== 'object' || body === null) {
    throw new Problem(400, 'the batch must be an array of events, or an object that holds one as "events"');
  }
  const given = body as { events?: unknown; sentAt?: unknown };
  const errors = unknownFieldErrors(Object.keys(body).filter((key) => key !== 'events' && key !== 'sentAt'));
  const { events } = given;
  if (!Array.isArray(events)) {
    errors.push({ path: 'events', message: events === undefined ? 'is required' : 'must be an array' });
  }
  const checked = given.sentAt === undefined ? undefined : checkFields(sentAt, given.sentAt);
  if (checked?.ok === false)
    errors.push(...checked.errors.map(({ message }) => ({ path: 'sentAt', message })));
  if (errors.length > 0) throw new Problem(400, 'the batch is not valid', { errors });
  return { events: events as unknown[], sentAt: checked?.ok ? readMoment(checked.data) : undefined };
}

/** Each rejected event has an error; beyond that all of them share what an answer lists. */
function boundErrors(parsed: readonly ParsedEvent[]): ParsedEvent[] {
  const share = shareOfErrors(parsed.flatMap((outcome) => (outcome.ok ? [] : [outcome.errors])));
  return parsed.map((outcome) => (outcome.ok ? outcome : { ok: false, errors: share(outcome.errors) }));
}

function resultsOf(
  parsed: readonly ParsedEvent[],
  admits: Admission,
): { results: Result[]; accepted: TrackedEvent[]; busy: number } {
  let busy = 0;
  const accepted: TrackedEvent[] = [];
  const seen = new Set<string>();
  const results = parsed.map((outcome, index): Result => {
    if (!outcome.ok) return { index, status: 'rejected', errors: outcome.errors };
    const { event } = outcome;
    if (!admits(event.eventType)) {
      busy += 1;
      return { index, status: 'busy' };
    }
    // A repeat goes on the lane with the rest: the books count it as the duplicate that it is.
    accepted.push(event);
    const status = event.clientId && seen.has(event.eventId) ? 'duplicate' : 'accepted';
    if (event.clientId) seen.add(event.eventId);
    return { index, status, eventId: event.eventId };
  });
  return { results, accepted, busy };
}

function countResults(
  metrics: IngestMetrics,
  parsed: readonly ParsedEvent[],
  results: readonly Result[],
): void {
  results.forEach(({ status }, at) => {
    if (status === 'accepted') return;
    const outcome = parsed[at]!;
    if (!outcome.ok) metrics.rejected();
    else metrics[status === 'busy' ? 'busy' : 'repeated'](outcome.event.eventType);
  });
}

function batchErrors(result: Result): FieldError[] {
  if (result.status !== 'rejected') return [];
  const prefix = `events[${result.index}]`;
  return result.errors.map(({ path, message }) => ({
    path: path === '' ? prefix : `${prefix}.${path}`,
    message,
  }));
}
