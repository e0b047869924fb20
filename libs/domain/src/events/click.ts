import { eventSchema } from './fields.ts';
import type { EventStrategy } from './strategy.ts';

export const click = {
  type: 'CLICK',
  schema: eventSchema('CLICK'),
  subjectKind: 'component',
  counts: 'all',
  refusedFirst: true,
} as const satisfies EventStrategy<'CLICK'>;
