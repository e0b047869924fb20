import { describe, expect, jest, test } from '@jest/globals';
import { firstAnswer, NoStoreCanAnswer } from '../src/reads/first-answer.ts';

const away = () => Promise.reject(new Error('away'));
const fromView = { status: 'fresh', value: 'view' } as const;

describe.each([
  { view: 'fresh', ledger: 'up', expected: { value: 'view', servedBy: 'redis' } },
  { view: 'fresh', ledger: 'away', expected: { value: 'view', servedBy: 'redis' } },
  { view: 'behind', ledger: 'up', expected: { value: 'ledger', servedBy: 'postgres' } },
  { view: 'behind', ledger: 'away', expected: { value: 'view', servedBy: 'redis' } },
  { view: 'incomplete', ledger: 'up', expected: { value: 'ledger', servedBy: 'postgres' } },
  { view: 'incomplete', ledger: 'away', expected: undefined },
  { view: 'trimmed', ledger: 'up', expected: { value: 'ledger', servedBy: 'postgres' } },
  { view: 'trimmed', ledger: 'away', expected: undefined },
  { view: 'away', ledger: 'up', expected: { value: 'ledger', servedBy: 'postgres' } },
  { view: 'away', ledger: 'away', expected: undefined },
  { view: 'none', ledger: 'up', expected: { value: 'ledger', servedBy: 'postgres' } },
  { view: 'none', ledger: 'away', expected: undefined },
])('a view that is $view and a ledger that is $ledger', ({ view, ledger, expected }) => {
  const ask = () =>
    firstAnswer<string>({
      view: view === 'none' ? undefined : async (freshness) => readView(view, freshness),
      ledger: ledger === 'up' ? async () => 'ledger' : away,
      onError() {},
    });

  test(expected ? `answer from ${expected.servedBy}` : 'have no answer', async () => {
    if (expected) expect(await ask()).toEqual(expected);
    else await expect(ask()).rejects.toThrow(NoStoreCanAnswer);
  });
});

function readView(view: string, freshness: 'fresh' | 'complete') {
  if (view === 'away') return away();
  if (view === 'trimmed') return { status: 'trimmed' } as const;
  const isGood = view === 'fresh' || (view === 'behind' && freshness === 'complete');
  return isGood ? fromView : ({ status: 'behind' } as const);
}

test('a fresh view is all that is asked', async () => {
  const ledger = jest.fn(async () => 'ledger');
  await firstAnswer<string>({ view: async () => fromView, ledger, onError() {} });
  expect(ledger).not.toHaveBeenCalled();
});
