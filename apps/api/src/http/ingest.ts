import type { FieldError } from '@event-tracker/domain';
import type { Acceptance, Acceptor } from '../ingest/accept-events.ts';
import type { IngestMetrics } from '../ingest/ingest-metrics.ts';
import { Problem, unavailable } from './problem.ts';
import type { BodyLimits } from './read-body.ts';

export interface IngestDeps {
  acceptor: Acceptor;
  limits: BodyLimits & { batchEventsMax: number };
  now(): number;
  newId(): string;
  metrics: IngestMetrics;
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(400, 'the body is not valid JSON');
  }
}

export function refuse(
  acceptance: Exclude<Acceptance, { status: 'accepted' }>,
  errors: readonly FieldError[] = [],
): Problem {
  return unavailable(`${acceptance.reason}; send it again later`, errors);
}
