import type { Metrics } from '@event-tracker/runtime';
import type { ApiConfig } from '../config.ts';
import { createBodyBudget } from './body-budget.ts';
import type { BodyLimits } from './read-body.ts';

/** The limits of request bodies, one budget for all routes, and what is counted of it. */
export function openBodyLimits(config: ApiConfig, metrics: Metrics): BodyLimits {
  const budget = createBodyBudget({ bytesMax: config.BODIES_BYTES_MAX, now: () => performance.now() });
  metrics.read({
    type: 'gauge',
    name: 'bodies_bytes',
    help: 'What the request bodies that are being read take in memory, decompressed ones included.',
    labels: [],
    read: () => [[budget.bytes()] as const],
  });
  metrics.read({
    type: 'counter',
    name: 'bodies_refused_total',
    help: 'Requests that were answered with 503 because all bodies together were beyond BODIES_BYTES_MAX.',
    labels: [],
    read: () => [[budget.refusals()] as const],
  });
  return { sentMax: config.BODY_BYTES_MAX, inflatedMax: config.BODY_INFLATED_BYTES_MAX, budget };
}
