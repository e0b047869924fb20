import type { BooksReader } from '@event-tracker/storage';
import { expect, test } from '@jest/globals';
import { NoStoreCanAnswer } from '../src/reads/first-answer.ts';
import { createLedgerReader } from '../src/reads/ledger.ts';

const away = () => Promise.reject(new Error('away'));

/**
 * Stores with one batch of 5 events, which is put on the lane and acknowledged just before the n-th of the three looks,
 * and leaves the lane before another: committed, or gone.
 */
function createStores({ putBefore = 1, leavesBefore = 9, vanishes = false } = {}) {
  let looks = 0;
  let acknowledged = false;
  let onLane = false;
  let committed = false;
  const look = () => {
    looks += 1;
    if (looks === putBefore) {
      acknowledged = true;
      onLane = true;
    }
    if (looks === leavesBefore) {
      onLane = false;
      committed = !vanishes;
    }
  };
  return {
    books: {
      async acknowledged() {
        look();
        return new Map(acknowledged ? [['a producer', 5]] : []);
      },
      async read(said: ReadonlyMap<string, number>, onLanes: ReadonlyMap<string, number>) {
        look();
        const stored = committed ? 5 : 0;
        const uncommitted = Math.max(0, (said.get('a producer') ?? 0) - stored);
        const left = stored > 0 ? 0 : 5 * onLanes.size;
        const entered = { received: stored, stored, duplicate: 0, dead: 0, rows: stored, waiting: 0 };
        return { ...entered, uncommitted, onLanes: left };
      },
    },
    lanes: [
      async () => {
        look();
        return new Map(onLane ? [['a batch', 5]] : []);
      },
    ],
    onError() {},
  };
}

const moments = [1, 2, 3].flatMap((putBefore) =>
  [1, 2, 3, 9].filter((at) => at >= putBefore).map((leavesBefore) => [putBefore, leavesBefore] as const),
);

test.each(moments)(
  'a batch that is put before look %d and committed before look %d is never missing',
  async (putBefore, leavesBefore) => {
    const read = createLedgerReader(createStores({ putBefore, leavesBefore }));
    const { received, inFlight, ...rest } = await read();
    expect(rest).toMatchObject({ missing: 0, balanced: true });
    const isKnown = leavesBefore <= 3 || putBefore <= 2;
    expect({ received, inFlight }).toEqual({
      received: isKnown ? 5 : 0,
      inFlight: leavesBefore > 3 && isKnown ? 5 : 0,
    });
  },
);

test('a batch that left the lane without a commit is missing', async () => {
  const read = createLedgerReader(createStores({ leavesBefore: 1, vanishes: true }));
  expect(await read()).toMatchObject({ received: 0, inFlight: 0, missing: 5, balanced: false });
});

test('what is in flight hides a loss of as many events, and no more', async () => {
  const { books, ...stores } = createStores();
  const owing = { ...books, acknowledged: async () => new Map([['a producer', 12]]) };
  const read = createLedgerReader({ ...stores, books: owing });
  expect(await read()).toMatchObject({ received: 5, inFlight: 5, missing: 7, balanced: false });
});

test('books that the rows do not stand for are not balanced', async () => {
  const { books, ...stores } = createStores();
  const short: typeof books = {
    ...books,
    read: async (...args) => ({ ...(await books.read(...args)), rows: 4 }),
  };
  const read = createLedgerReader({ ...stores, books: short });
  expect(await read()).toMatchObject({ missing: 0, balanced: false });
});

test.each([
  [{ rows: 3 }, ['stored is 2 above the rows of event (5, 3 rows): rows were deleted, and not by retention']],
  [{ rows: 6 }, ['stored is 1 below the rows of event (5, 6 rows): rows were inserted, and not by a commit']],
  [{ received: 9 }, [expect.stringContaining('received is 4 above stored + duplicate + dead (9, 5)')]],
  [{ dead: 1 }, [expect.stringContaining('received is 1 below stored + duplicate + dead (5, 6)')]],
  [
    { rows: 4, uncommitted: 7 },
    [expect.stringContaining('missing is 7:'), expect.stringContaining('stored is 1 above')],
  ],
])('what differs is said: %j', async (differing, reasons) => {
  const { books, ...stores } = createStores({ leavesBefore: 2 });
  const changed: typeof books = {
    ...books,
    read: async (...args) => ({ ...(await books.read(...args)), ...differing }),
  };
  const read = createLedgerReader({ ...stores, books: changed });
  expect(await read()).toMatchObject({ balanced: false, reasons });
});

test('books that balance, or of which not all is known, have no reasons', async () => {
  const { lanes, ...stores } = createStores({ leavesBefore: 2 });
  expect(await createLedgerReader({ ...stores, lanes })()).not.toHaveProperty('reasons');
  expect(await createLedgerReader({ ...stores, lanes: [away] })()).not.toHaveProperty('reasons');
});

test('what is committed and not added up is in flight, and nothing else yet', async () => {
  const { books, ...stores } = createStores({ leavesBefore: 2 });
  const appended: typeof books = {
    ...books,
    read: async (...args) => ({ ...(await books.read(...args)), stored: 0, rows: 0, waiting: 5 }),
  };
  const read = createLedgerReader({ ...stores, books: appended });
  expect(await read()).toMatchObject({ received: 5, stored: 0, inFlight: 5, missing: 0, balanced: true });
});

test('rows are counted again before it is said that they differ', async () => {
  const { books, ...stores } = createStores({ leavesBefore: 2 });
  const counted: (boolean | undefined)[] = [];
  const stale: BooksReader = {
    ...books,
    async read(acknowledged, onLanes, anew) {
      counted.push(anew);
      return { ...(await books.read(acknowledged, onLanes)), rows: anew ? 5 : 4 };
    },
  };
  expect(await createLedgerReader({ ...stores, books: stale })()).toMatchObject({ balanced: true });
  expect(counted).toEqual([undefined, true]);
});

test('a batch that two lanes hold is in flight once', async () => {
  const { lanes, ...stores } = createStores();
  const read = createLedgerReader({ ...stores, lanes: [lanes[0]!, lanes[0]!] });
  expect(await read()).toMatchObject({ received: 5, inFlight: 5, missing: 0 });
});

test('a batch that is handed on while the lanes are read is met on one of them', async () => {
  const { books, onError } = createStores({ putBefore: 1 });
  let handedOn = false;
  const first = async () => {
    const contents = new Map<string, number>(handedOn ? [] : [['a batch', 5]]);
    handedOn = true;
    return contents;
  };
  const second = async () => new Map<string, number>(handedOn ? [['a batch', 5]] : []);
  const read = createLedgerReader({ books, lanes: [first, second], onError });
  expect(await read()).toMatchObject({ inFlight: 5, missing: 0 });
  expect(await read()).toMatchObject({ inFlight: 5, missing: 0 });
});

test('with a lane that cannot be read, what only the lanes know is null', async () => {
  const { lanes, ...stores } = createStores({ leavesBefore: 1 });
  const read = createLedgerReader({ ...stores, lanes: [lanes[0]!, away] });
  expect(await read()).toMatchObject({ received: 5, inFlight: null, missing: null, balanced: null });
});

test('without books nothing can be said', async () => {
  const read = createLedgerReader({
    ...createStores(),
    books: { acknowledged: async () => new Map(), read: away },
  });
  await expect(read()).rejects.toThrow(NoStoreCanAnswer);
});
