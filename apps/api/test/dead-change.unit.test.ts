import { expect, test } from '@jest/globals';
import { publicChange } from '../src/reads/dead-change.ts';

const row = { change_id: 7, xid: '812', size: 1, shard: 3, version: 1 };

test('of a count it is said what it adds, and to which', () => {
  const count = {
    ...row,
    count_minutes: [29_400_000],
    count_types: ['SEARCH'],
    count_subjects: ['tea'],
    count_components: [1001],
    count_keywords: ['tea'],
    count_values: [3],
  };
  expect(publicChange(count)).toEqual({
    adds: 3,
    minute: '2025-11-24T16:00:00.000Z',
    eventType: 'SEARCH',
    componentId: 1001,
    keyword: 'tea',
  });
});

test('of a like, whose it is and when it was given', () => {
  const id = '0198c0de-0000-7000-8000-000000000001';
  const like = {
    ...row,
    like_types: ['LIKE'],
    like_states: [true],
    like_users: [42],
    like_posts: [7],
    like_times: [1_764_000_000_123],
    like_ids: [id],
    like_subjects: ['0000000000000007'],
    like_components: [1003],
    like_keywords: [null],
  };
  const occurredAt = '2025-11-24T16:00:00.123Z';
  expect(publicChange(like)).toEqual({ eventType: 'LIKE', userId: 42, postId: 7, occurredAt, eventId: id });
});

test('of a recent search, by whom', () => {
  const recent = {
    ...row,
    recent_users: [42],
    recent_keywords: ['tea'],
    recent_times: [1_764_000_000_123],
  };
  expect(publicChange(recent)).toEqual({
    recentKeyword: 'tea',
    userId: 42,
    occurredAt: '2025-11-24T16:00:00.123Z',
  });
});

test('a row of another shape is shown as it is', () => {
  expect(publicChange({ ...row, version: 9, something: 1 })).toEqual({ ...row, version: 9, something: 1 });
});
