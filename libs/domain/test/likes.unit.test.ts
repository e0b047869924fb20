import { expect, test } from '@jest/globals';
import { eventTypes, likeEffect, likePair, type TrackedEvent } from '../src/index.ts';

test('pairs of different users and posts never meet', () => {
  expect(likePair({ userId: 1, postId: 12 })).not.toBe(likePair({ userId: 11, postId: 2 }));
  expect(likePair({ userId: 1, postId: 2 })).not.toBe(likePair({ userId: 2, postId: 1 }));
});

test('likes and unlikes alone concern a like', () => {
  const event = (eventType: TrackedEvent['eventType']): TrackedEvent => ({
    eventId: '0198c0de-0000-7000-8000-000000000001',
    clientId: false,
    eventType,
    userId: 1,
    sessionId: 's-1',
    componentId: 1003,
    keyword: 'cat',
    postId: 7,
    occurredAt: 1000,
    receivedAt: 1000,
  });
  const effects = eventTypes.map((type) => [type, likeEffect(event(type))]);
  expect(Object.fromEntries(effects)).toEqual({
    CLICK: undefined,
    PAGE_VIEW: undefined,
    SEARCH: undefined,
    LIKE: { kind: 'like', liked: true, userId: 1, postId: 7 },
    UNLIKE: { kind: 'like', liked: false, userId: 1, postId: 7 },
  });
});
