import { eventSchema } from './fields.ts';
import type { EventStrategy } from './strategy.ts';

export const pageView = {
  type: 'PAGE_VIEW',
  schema: eventSchema('PAGE_VIEW'),
  subjectKind: 'component',
  counts: 'all',
  refusedFirst: true,
} as const satisfies EventStrategy<'PAGE_VIEW'>;
