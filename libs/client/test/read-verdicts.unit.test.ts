import { expect, test } from '@jest/globals';
import { readVerdicts } from '../src/read-verdicts.ts';

const wrong = [{ path: 'metadata.keyword', message: 'is required' }];

test('each event of a batch has a verdict of its own', () => {
  const results = [
    { index: 0, status: 'accepted', eventId: 'a' },
    { index: 1, status: 'duplicate', eventId: 'a' },
    { index: 2, status: 'rejected', errors: wrong },
    { index: 3, status: 'busy' },
  ];
  expect(readVerdicts(202, { results }, 4)).toEqual(['kept', 'kept', wrong, 'again']);
});

test('an event that the answer does not speak of, or not in words that are known, is sent again', () => {
  const results = [{ index: 1, status: 'queued somewhere' }];
  expect(readVerdicts(202, { results }, 2)).toEqual(['again', 'again']);
});

test('when all are refused each is told its own errors', () => {
  const errors = [
    { path: 'events[0].metadata.keyword', message: 'is required' },
    { path: 'events[1]', message: 'an event must be a JSON object' },
    { path: 'events[1].x', message: 'is not a known field' },
  ];
  expect(readVerdicts(400, { errors }, 2)).toEqual([
    wrong,
    [
      { path: '', message: 'an event must be a JSON object' },
      { path: 'x', message: 'is not a known field' },
    ],
  ]);
});

test.each([
  [413, []],
  [400, [{ path: 'events', message: 'must be 1 to 100 events, got 500' }]],
])('a %i about the batch as a whole asks for a smaller one, and refuses a single event', (status, errors) => {
  const body = { detail: 'too much', errors };
  expect(readVerdicts(status, body, 2)).toBe('smaller');
  const why = errors.length > 0 ? errors : [{ path: '', message: 'too much' }];
  expect(readVerdicts(status, body, 1)).toEqual([why]);
});

test.each([
  [200, '<html>sign in to this hotel</html>'],
  [202, undefined],
  [400, '<html>bad request</html>'],
  [413, undefined],
  [401, { errors: [] }],
  [404, { errors: [] }],
  [429, { errors: [] }],
  [500, { errors: [] }],
  [503, { errors: [] }],
])('%i %j acknowledges nothing and refuses nothing', (status, body) => {
  expect(readVerdicts(status, body, 3)).toBeUndefined();
});
