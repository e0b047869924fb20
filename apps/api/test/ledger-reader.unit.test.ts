import { describe, expect, test } from '@jest/globals';
import { NoStoreCanAnswer } from '../src/reads/first-answer.ts';
import { createLedgerReader } from '../src/reads/ledger.ts';

const away = () => Promise.reject(new Error('away'));

/** Stores with one batch of 5 events that waits on the lane, until it is committed just before the n-th look. */
function createStores({ commitBefore, vanishes = false }: { commitBefore: number; vanishes?: boolean }) {
  let looks = 0;
  let committed = false;
  let onLane = true;
  const look = () => {
    looks += 1;
    if (looks !== commitBefore) return;
    onLane = false;
    committed = !vanishes;
  };
  return {
    books: {
      async read(onLanes: ReadonlyMap<string, number>) {
        look();
        const stored = committed ? 5 : 0;
        const uncommitted = vanishes ? 5 : 0;
        const inFlight = committed ? 0 : 5 * onLanes.size;
        return { received: stored, stored, duplicate: 0, dead: 0, uncommitted, rows: stored, inFlight };
      },
    },
    async readLane() {
      look();
      return new Map(onLane ? [['a batch', 5]] : []);
    },
    onError() {},
  };
}

describe.each([1, 2, 3])('when a batch is committed before look %d', (commitBefore) => {
  test('it is in the books or in flight, never in both', async () => {
    const read = createLedgerReader(createStores({ commitBefore }));
    const { received, inFlight } = await read();
    expect({ received, inFlight }).toEqual({ received: 5, inFlight: commitBefore === 3 ? 5 : 0 });
    expect(await read()).toMatchObject({ received: 5, inFlight: 0 });
  });
});

test('a batch that left the lane without a commit is missing', async () => {
  const read = createLedgerReader(createStores({ commitBefore: 1, vanishes: true }));
  expect(await read()).toMatchObject({ inFlight: 0, missing: 5, balanced: false });
});

test('books that the rows do not stand for are not balanced', async () => {
  const stores = createStores({ commitBefore: 1 });
  const books = { ...stores.books, read: async () => ({ ...(await stores.books.read(new Map())), rows: 4 }) };
  expect(await createLedgerReader({ ...stores, books })()).toMatchObject({ missing: 0, balanced: false });
});

test('without a lane to read, what only it knows is null', async () => {
  const read = createLedgerReader({ ...createStores({ commitBefore: 1 }), readLane: away });
  expect(await read()).toMatchObject({ received: 5, inFlight: null, missing: null, balanced: null });
});

test('without books nothing can be said', async () => {
  const read = createLedgerReader({
    ...createStores({ commitBefore: 9 }),
    books: { read: away },
  });
  await expect(read()).rejects.toThrow(NoStoreCanAnswer);
});
