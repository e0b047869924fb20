import { eventSchema } from './fields.ts';
import { keywordText } from './keyword-text.ts';
import type { EventStrategy } from './strategy.ts';

export const search = {
  type: 'SEARCH',
  schema: eventSchema('SEARCH', { metadata: { keyword: keywordText } }),
  subjectKind: 'keyword',
  counts: 'all',
  refusedFirst: false,
  // A search by nobody in particular counts, and is nobody's recent keyword.
  effect: ({ userId, keyword }) =>
    userId !== undefined && keyword !== undefined ? { kind: 'recent-keyword', userId, keyword } : undefined,
} as const satisfies EventStrategy<'SEARCH'>;
