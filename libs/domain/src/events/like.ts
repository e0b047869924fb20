import { eventSchema, id } from './fields.ts';
import type { EventStrategy } from './strategy.ts';

export const like = {
  type: 'LIKE',
  schema: eventSchema('LIKE', { userId: id, metadata: { postId: id } }),
  subjectKind: 'post',
  counts: 'effective',
  refusedFirst: false,
  lessType: 'UNLIKE',
  effect: ({ userId, postId }) => ({ kind: 'like', userId: userId!, postId: postId!, liked: true }),
} as const satisfies EventStrategy<'LIKE'>;
