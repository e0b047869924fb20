import { setImmediate as nextTurn } from 'node:timers/promises';
import { until } from '@event-tracker/testing';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  createGroupCommit,
  GroupCommitFull,
  GroupCommitLate,
  type GroupCommitOptions,
} from '../src/group-commit.ts';

/** Long enough for whatever would happen without further ado to have happened: no timer is involved. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 5; turns += 1) await nextTurn();
}

/** A group commit of items that are their own size, and whose flushes end when the test says so. */
function createHeld(options: Partial<GroupCommitOptions<number>> = {}) {
  const flushes: { group: number[]; end(): void; fail(cause: unknown): void }[] = [];
  const group = createGroupCommit<number>({
    flush: (items) =>
      new Promise<void>((resolve, reject) => {
        flushes.push({ group: items, end: resolve, fail: reject });
      }),
    sizeOf: (size) => size,
    groupMax: 10,
    inFlightMax: 1,
    pendingMax: 1000,
    ...options,
  });
  return { ...group, flushes, groups: () => flushes.map((flush) => flush.group) };
}

/** `waiting` until the promise is settled; then how it was. */
function outcomeOf(promise: Promise<unknown>) {
  const outcome: { is: 'waiting' | 'resolved' | 'rejected'; cause?: unknown } = { is: 'waiting' };
  promise.then(
    () => Object.assign(outcome, { is: 'resolved' }),
    (cause: unknown) => Object.assign(outcome, { is: 'rejected', cause }),
  );
  return outcome;
}

describe('when items go', () => {
  test('a lonely item is flushed in the next turn of the event loop', async () => {
    const held = createHeld();
    const outcome = outcomeOf(held.submit(1));
    await nextTurn();
    expect(held.groups()).toEqual([[1]]);
    held.flushes[0]!.end();
    await settle();
    expect(outcome.is).toBe('resolved');
  });

  test('items that come in one turn go together, in order', async () => {
    const held = createHeld();
    for (const item of [1, 2, 3]) void held.submit(item);
    await nextTurn();
    expect(held.groups()).toEqual([[1, 2, 3]]);
  });

  test('an item is settled when its flush is, not before', async () => {
    const held = createHeld();
    const outcome = outcomeOf(held.submit(1));
    await settle();
    expect(held.groups()).toEqual([[1]]);
    expect(outcome.is).toBe('waiting');
    held.flushes[0]!.end();
    await settle();
    expect(outcome.is).toBe('resolved');
  });

  test('items that come during a flush wait for its end and go together', async () => {
    const held = createHeld();
    void held.submit(1);
    await settle();
    void held.submit(2);
    await settle();
    void held.submit(3);
    await settle();
    expect(held.groups()).toEqual([[1]]);
    held.flushes[0]!.end();
    await settle();
    expect(held.groups()).toEqual([[1], [2, 3]]);
  });

  test('an item that comes after all flushes have ended is flushed as the first was', async () => {
    const held = createHeld();
    void held.submit(1);
    await settle();
    held.flushes[0]!.end();
    await settle();
    void held.submit(2);
    await nextTurn();
    expect(held.groups()).toEqual([[1], [2]]);
  });
});

describe('company', () => {
  /** Longer than any of these tests takes: only what goes without waiting goes. */
  const everyMs = 600_000;
  const opened: ReturnType<typeof createHeld>[] = [];
  const open = (options: Partial<GroupCommitOptions<number>>) => {
    const held = createHeld(options);
    opened.push(held);
    return held;
  };
  // Whatever waits for company would keep the process.
  afterEach(() => opened.splice(0).forEach((held) => void held.close()));

  test('is not waited for by the first item after a rest', async () => {
    const held = open({ everyMs });
    void held.submit(1);
    await nextTurn();
    expect(held.groups()).toEqual([[1]]);
  });

  test('is waited for by those that come soon after a flush has begun, also when it has ended', async () => {
    const held = open({ everyMs });
    void held.submit(1);
    await settle();
    held.flushes[0]!.end();
    await settle();
    void held.submit(2);
    void held.submit(3);
    await settle();
    expect(held.groups()).toEqual([[1]]);
  });

  test('is waited for until so long after the beginning of the last flush, and no longer', async () => {
    const held = open({ everyMs: 30 });
    void held.submit(1);
    await settle();
    const began = performance.now();
    held.flushes[0]!.end();
    void held.submit(2);
    await until(() => held.flushes.length === 2);
    // A timer may be early by the fraction of a millisecond that its start is cut to.
    expect(performance.now() - began).toBeGreaterThan(25);
    expect(held.groups()).toEqual([[1], [2]]);
  });

  test('is not waited for by as many as are enough', async () => {
    const held = open({ everyMs, companyEnough: 3 });
    void held.submit(1);
    await settle();
    held.flushes[0]!.end();
    await settle();
    for (const item of [2, 2, 2]) void held.submit(item);
    await settle();
    expect(held.groups()).toEqual([[1], [2, 2, 2]]);
  });

  test('is not waited for by a full group, and waited for by what it leaves', async () => {
    const held = open({ everyMs, inFlightMax: 2 });
    void held.submit(1);
    await settle();
    for (const item of [6, 4, 1]) void held.submit(item);
    await settle();
    expect(held.groups()).toEqual([[1], [6, 4]]);
  });

  test('is not waited for once the group commit is closed', async () => {
    const held = open({ everyMs });
    void held.submit(1);
    await settle();
    held.flushes[0]!.end();
    await settle();
    void held.submit(2);
    const closed = outcomeOf(held.close());
    await settle();
    expect(held.groups()).toEqual([[1], [2]]);
    held.flushes[1]!.end();
    await settle();
    expect(closed.is).toBe('resolved');
  });
});

describe('the size of a group', () => {
  test.each([
    { name: 'is exactly the limit at most', items: [4, 6, 1], groups: [[4, 6], [1]] },
    { name: 'stays below the limit when the next item would exceed it', items: [6, 5], groups: [[6], [5]] },
    { name: 'is exceeded only by an item that is larger alone', items: [11, 1], groups: [[11], [1]] },
    {
      name: 'is not stretched by an item that is larger alone',
      items: [1, 11, 1],
      groups: [[1], [11], [1]],
    },
    { name: 'is not filled up from behind a large item', items: [6, 5, 4], groups: [[6], [5, 4]] },
    { name: 'is that of all that wait when they fit', items: [1, 1, 1, 1, 1], groups: [[1, 1, 1, 1, 1]] },
  ])('$name', async ({ items, groups }) => {
    const held = createHeld();
    for (const item of items) void held.submit(item);
    for (let ended = 0; ended < groups.length; ended += 1) {
      await settle();
      held.flushes[ended]!.end();
    }
    await settle();
    expect(held.groups()).toEqual(groups);
  });
});

describe('flushes under way', () => {
  test('are as many as may be when so many groups wait', async () => {
    const held = createHeld({ inFlightMax: 2, groupMax: 1 });
    for (const item of [1, 1, 1, 1]) outcomeOf(held.submit(item));
    await settle();
    expect(held.flushes).toHaveLength(2);
    held.flushes[1]!.end();
    await settle();
    expect(held.flushes).toHaveLength(3);
    held.flushes[2]!.fail(new Error('no'));
    held.flushes[0]!.end();
    await settle();
    expect(held.flushes).toHaveLength(4);
  });

  test('leave the other one free for what comes next', async () => {
    const held = createHeld({ inFlightMax: 2 });
    void held.submit(1);
    await settle();
    void held.submit(2);
    await settle();
    void held.submit(3);
    await settle();
    expect(held.groups()).toEqual([[1], [2]]);
  });
});

describe('a flush that fails', () => {
  test('rejects all of its items with its cause, and no others', async () => {
    const held = createHeld({ inFlightMax: 2, groupMax: 2 });
    const outcomes = [1, 1, 2, 1].map((item) => outcomeOf(held.submit(item)));
    await settle();
    const cause = new Error('the disk is full');
    held.flushes[0]!.fail(cause);
    held.flushes[1]!.end();
    await settle();
    held.flushes[2]!.end();
    await settle();
    expect(outcomes).toEqual([
      { is: 'rejected', cause },
      { is: 'rejected', cause },
      { is: 'resolved' },
      { is: 'resolved' },
    ]);
    expect(outcomes[0]!.cause).toBe(cause);
  });

  test('fails when it throws before it awaits anything, too', async () => {
    const cause = new Error('not even begun');
    const group = createHeld({
      flush: () => {
        throw cause;
      },
    });
    await expect(group.submit(1)).rejects.toBe(cause);
    expect(group.pending()).toBe(0);
  });

  test('is told by undefined as well as by an error', async () => {
    const group = createHeld({ flush: () => Promise.reject(undefined) });
    const outcome = outcomeOf(group.submit(1));
    await settle();
    expect(outcome).toEqual({ is: 'rejected', cause: undefined });
  });

  test('holds up nothing that comes after it', async () => {
    const held = createHeld();
    const first = outcomeOf(held.submit(1));
    await settle();
    const second = outcomeOf(held.submit(2));
    held.flushes[0]!.fail(new Error('once'));
    await settle();
    held.flushes[1]!.end();
    await settle();
    expect([first.is, second.is]).toEqual(['rejected', 'resolved']);
    expect(held.groups()).toEqual([[1], [2]]);
  });
});

describe('what is pending', () => {
  test('is the sum of the sizes that wait and are under way', async () => {
    const held = createHeld({ groupMax: 5 });
    const sizes = [held.pending()];
    for (const item of [5, 3]) {
      outcomeOf(held.submit(item));
      sizes.push(held.pending());
    }
    await settle();
    sizes.push(held.pending());
    held.flushes[0]!.end();
    await settle();
    sizes.push(held.pending());
    held.flushes[1]!.fail(new Error('no'));
    await settle();
    sizes.push(held.pending());
    expect(sizes).toEqual([0, 5, 8, 8, 3, 0]);
  });

  test('may be exactly the limit; beyond it an item is refused and never flushed', async () => {
    const held = createHeld({ pendingMax: 10 });
    const taken = [4, 6].map((item) => outcomeOf(held.submit(item)));
    await expect(held.submit(1)).rejects.toThrow(GroupCommitFull);
    expect(held.pending()).toBe(10);
    await settle();
    held.flushes[0]!.end();
    await settle();
    expect(taken).toEqual([{ is: 'resolved' }, { is: 'resolved' }]);
    expect(held.groups()).toEqual([[4, 6]]);
  });

  test('counts what is under way, too', async () => {
    const held = createHeld({ pendingMax: 10 });
    void held.submit(10);
    await settle();
    expect(held.groups()).toEqual([[10]]);
    await expect(held.submit(1)).rejects.toThrow(GroupCommitFull);
  });

  test.each([{ end: 'success' }, { end: 'failure' }])('leaves room again after a $end', async ({ end }) => {
    const held = createHeld({ pendingMax: 10 });
    outcomeOf(held.submit(10));
    await expect(held.submit(1)).rejects.toThrow(GroupCommitFull);
    await settle();
    if (end === 'success') held.flushes[0]!.end();
    else held.flushes[0]!.fail(new Error('no'));
    await settle();
    const later = outcomeOf(held.submit(10));
    await settle();
    held.flushes[1]!.end();
    await settle();
    expect(later.is).toBe('resolved');
  });

  test('takes a smaller item where a larger one was refused', async () => {
    const held = createHeld({ pendingMax: 10 });
    void held.submit(6);
    await expect(held.submit(5)).rejects.toThrow(GroupCommitFull);
    void held.submit(4);
    await settle();
    expect(held.groups()).toEqual([[6, 4]]);
  });

  test('takes an item beyond the limit when nothing else is pending', async () => {
    const held = createHeld({ pendingMax: 10 });
    const large = outcomeOf(held.submit(11));
    await expect(held.submit(1)).rejects.toThrow(GroupCommitFull);
    await settle();
    held.flushes[0]!.end();
    await settle();
    expect(large.is).toBe('resolved');
  });
});

describe('what waits for too long', () => {
  test('is rejected; what was not under way is dropped, and makes room', async () => {
    const held = createHeld({ waitMaxMs: 100, groupMax: 3 });
    const [underWay, waiting] = [outcomeOf(held.submit(1)), outcomeOf(held.submit(2))];
    await nextTurn();
    const behind = outcomeOf(held.submit(3));
    await until(() => behind.is === 'rejected');
    for (const { is, cause } of [underWay, waiting, behind])
      expect([is, cause]).toEqual(['rejected', expect.any(GroupCommitLate)]);
    expect(held.pending()).toBe(3);
    const next = outcomeOf(held.submit(4));
    held.flushes[0]!.end();
    await settle();
    expect(held.groups()).toEqual([[1, 2], [4]]);
    held.flushes[1]!.end();
    await settle();
    expect(next.is).toBe('resolved');
    expect(held.pending()).toBe(0);
  });

  test('is told by when it came, one by one', async () => {
    const held = createHeld({ waitMaxMs: 300 });
    const first = outcomeOf(held.submit(1));
    const since = performance.now();
    await until(() => performance.now() - since > 150, { everyMs: 10 });
    const second = outcomeOf(held.submit(2));
    await until(() => first.is === 'rejected', { everyMs: 10 });
    expect(second.is).toBe('waiting');
    await until(() => second.is === 'rejected');
    expect(performance.now() - since).toBeGreaterThan(440);
  });

  test('does not hold up the end', async () => {
    const held = createHeld({ waitMaxMs: 100 });
    const first = outcomeOf(held.submit(1));
    await nextTurn();
    const second = outcomeOf(held.submit(2));
    const closed = outcomeOf(held.close());
    await until(() => second.is === 'rejected');
    expect([first.is, closed.is]).toEqual(['rejected', 'waiting']);
    held.flushes[0]!.end();
    await settle();
    expect(closed.is).toBe('resolved');
    expect(held.groups()).toEqual([[1]]);
  });
});

describe('closing', () => {
  test('is done at once when nothing is pending', async () => {
    await expect(createHeld().close()).resolves.toBeUndefined();
  });

  test('refuses what comes afterwards, and flushes none of it', async () => {
    const held = createHeld();
    void held.close();
    await expect(held.submit(1)).rejects.toThrow(GroupCommitFull);
    await settle();
    expect(held.flushes).toEqual([]);
    expect(held.pending()).toBe(0);
  });

  test('flushes what waits and ends when the last of it is settled', async () => {
    const held = createHeld({ groupMax: 1 });
    const items = [1, 1, 1].map((item) => outcomeOf(held.submit(item)));
    const closed = outcomeOf(held.close());
    for (const ended of [0, 1, 2]) {
      await settle();
      expect(closed.is).toBe('waiting');
      if (ended === 1) held.flushes[ended]!.fail(new Error('no'));
      else held.flushes[ended]!.end();
    }
    await settle();
    expect(closed.is).toBe('resolved');
    expect(items.map(({ is }) => is)).toEqual(['resolved', 'rejected', 'resolved']);
  });

  test('settles the items first', async () => {
    const held = createHeld();
    const order: string[] = [];
    const item = held.submit(1).then(() => order.push('item'));
    const closed = held.close().then(() => order.push('closed'));
    await settle();
    held.flushes[0]!.end();
    await Promise.all([item, closed]);
    expect(order).toEqual(['item', 'closed']);
  });

  test('may be asked for more than once', async () => {
    const held = createHeld();
    void held.submit(1);
    const closed = [held.close(), held.close()].map(outcomeOf);
    await settle();
    expect(closed.map(({ is }) => is)).toEqual(['waiting', 'waiting']);
    held.flushes[0]!.end();
    await settle();
    expect(closed.map(({ is }) => is)).toEqual(['resolved', 'resolved']);
  });

  // A batch without events has the size 0.
  test('waits for items of size 0, too', async () => {
    const held = createHeld();
    const item = outcomeOf(held.submit(0));
    await settle();
    const closed = outcomeOf(held.close());
    await settle();
    expect([item.is, closed.is]).toEqual(['waiting', 'waiting']);
    held.flushes[0]!.end();
    await settle();
    expect([item.is, closed.is]).toEqual(['resolved', 'resolved']);
  });
});
