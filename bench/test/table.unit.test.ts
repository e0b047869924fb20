import { expect, test } from '@jest/globals';
import { figure, spread, table } from '../kit/table.ts';

test('a figure keeps three digits that count', () => {
  expect([0, 0.5, 3.146, 42.42, 512.3, 40_123.6, Number.NaN].map(figure)).toEqual([
    '0',
    '0.50',
    '3.15',
    '42.4',
    '512',
    '40,124',
    '–',
  ]);
});

test('a spread is the median with the lowest and the highest; one value stands alone', () => {
  expect(spread([12, 10, 30])).toBe('12.0 (10.0–30.0)');
  expect(spread([12])).toBe('12.0');
});

test('a table is Markdown, aligned for the screen', () => {
  const columns = [
    { head: 'side', cell: (row: [string, number]) => row[0] },
    { head: 'per s', cell: (row: [string, number]) => row[1] },
  ];
  expect(
    table(columns, [
      ['ours', 12_345],
      ['other side', 7],
    ]),
  ).toBe(
    [
      '| side       | per s |',
      '| ---------- | ----: |',
      '| ours       | 12345 |',
      '| other side |     7 |',
    ].join('\n'),
  );
});
