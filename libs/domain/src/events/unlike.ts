import { eventSchema, id } from './fields.ts';
import type { EventStrategy } from './strategy.ts';

export const unlike = {
  type: 'UNLIKE',
  schema: eventSchema('UNLIKE', { userId: id, metadata: { postId: id } }),
  subjectKind: 'post',
  counts: 'effective',
  refusedFirst: false,
  effect: ({ userId, postId }) => ({ kind: 'like', userId: userId!, postId: postId!, liked: false }),
} as const satisfies EventStrategy<'UNLIKE'>;
