/** More is waiting than may: whoever submits must come back later. */
export class GroupCommitFull extends Error {
  override name = 'GroupCommitFull';
}

/** The item waited for longer than it may. It was dropped, or, if its flush was under way already, may be durable yet. */
export class GroupCommitLate extends Error {
  override name = 'GroupCommitLate';
}

export interface GroupCommitOptions<T> {
  /** Makes a group durable. All its items are settled with its outcome. */
  flush(group: T[]): Promise<void>;
  /** What an item counts towards the limits. */
  sizeOf(item: T): number;
  /** A group closes before it would exceed this; an item larger than that goes alone. */
  groupMax: number;
  /** Flushes under way at a time. */
  inFlightMax: number;
  /** Waiting and under way together, beyond which `submit` refuses. */
  pendingMax: number;
  /** The longest from `submit` to the end of the item's flush, in milliseconds; without it there is no limit. */
  waitMaxMs?: number;
  /**
   * A flush begins so many milliseconds after the one before it at the earliest, so that items which come one by one share
   * one. 0, the default: none waits for company.
   */
  everyMs?: number;
  /** So many items, or a full group, do not wait for more. */
  companyEnough?: number;
}

export interface GroupCommit<T> {
  /**
   * Resolves when the item's group is flushed, rejects with the cause when its flush fails, or with GroupCommitFull or
   * GroupCommitLate.
   */
  submit(item: T): Promise<void>;
  /** The sum of the sizes that wait or are under way. */
  pending(): number;
  /** Takes nothing more; resolves when all that was taken is settled. */
  close(): Promise<void>;
}

/**
 * Many small writes become few large ones. An item waits while flushes are under way, and where `everyMs` says so for the
 * company of those that come soon: those that arrive meanwhile make up the next group. So a lonely item is flushed at once,
 * and under load groups grow by themselves until the writes keep up.
 *
 *   idle ──submit──▶ armed ──end of this turn──▶ flushing ──done, none waiting──▶ idle
 *     │                ▲                            ▲  └──done, some waiting──┐
 *     │                │                            └─────────────────────────┘
 *     └──submit soon after a flush began──▶ gathering ──everyMs are over, or enough are there──▶ armed
 *
 * `armed` lasts until the event loop has read what its sockets hold, so that requests that came together go together.
 */
export function createGroupCommit<T>(options: GroupCommitOptions<T>): GroupCommit<T> {
  const { flush, sizeOf, groupMax, inFlightMax, pendingMax, waitMaxMs } = options;
  const { everyMs = 0, companyEnough = Number.POSITIVE_INFINITY } = options;
  let waiting: Waiter<T>[] = [];
  let pending = 0;
  let unsettled = 0;
  let inFlight = 0;
  let armed = false;
  let closed = false;
  let waitingSize = 0;
  let gathering: NodeJS.Timeout | undefined;
  /** When a flush began last, in milliseconds of `performance.now`. */
  let flushedAt = Number.NEGATIVE_INFINITY;
  const idleListeners: (() => void)[] = [];
  const flying = new Set<readonly Waiter<T>[]>();
  let lateCheck: NodeJS.Timeout | undefined;
  /** Who was submitted by then was rejected. */
  let lateSince = Number.NEGATIVE_INFINITY;

  /** One timer serves all that wait: of each group, and of what has none yet, the oldest is the first. */
  function watchWaits(): void {
    if (waitMaxMs === undefined || lateCheck !== undefined) return;
    const oldest = [waiting, ...flying].flatMap(
      (group) => group.find(({ since }) => since > lateSince) ?? [],
    );
    if (oldest.length === 0) return;
    const dueAt = Math.min(...oldest.map(({ since }) => since)) + waitMaxMs;
    lateCheck = setTimeout(
      () => {
        lateCheck = undefined;
        rejectLate(performance.now() - waitMaxMs);
        watchWaits();
      },
      Math.max(1, dueAt - performance.now()),
    ).unref();
  }

  function rejectLate(since: number): void {
    lateSince = since;
    const inTime = waiting.findIndex((waiter) => waiter.since > since);
    const dropped = waiting.splice(0, inTime < 0 ? waiting.length : inTime);
    for (const { size } of dropped) waitingSize -= size;
    const underWay = [...flying].flat().filter((waiter) => waiter.since <= since);
    const late = new GroupCommitLate(`it waited for longer than ${waitMaxMs} ms`);
    for (const waiter of [...dropped, ...underWay]) waiter.reject(late);
    settle(dropped);
  }

  function settle(waiters: readonly Waiter<T>[]): void {
    unsettled -= waiters.length;
    for (const waiter of waiters) pending -= waiter.size;
    if (unsettled === 0) for (const resolve of idleListeners.splice(0)) resolve();
  }

  /** How long what waits is to wait for company, in milliseconds. */
  function companyMs(): number {
    if (everyMs === 0 || closed || waiting.length >= companyEnough || waitingSize >= groupMax) return 0;
    return flushedAt + everyMs - performance.now();
  }

  function arm(): void {
    if (armed || inFlight >= inFlightMax || waiting.length === 0) return;
    const waitMs = companyMs();
    if (waitMs > 0) {
      gathering ??= setTimeout(() => {
        gathering = undefined;
        arm();
      }, waitMs);
      return;
    }
    clearTimeout(gathering);
    gathering = undefined;
    armed = true;
    setImmediate(() => {
      armed = false;
      let due = true;
      while (due && inFlight < inFlightMax && waiting.length > 0) {
        void flushNext();
        due = companyMs() <= 0;
      }
      arm();
    });
  }

  async function flushNext(): Promise<void> {
    const group = takeGroup();
    if (everyMs > 0) flushedAt = performance.now();
    flying.add(group);
    inFlight += 1;
    let failure: { cause: unknown } | undefined;
    try {
      await flush(group.map((waiter) => waiter.item));
    } catch (cause) {
      failure = { cause };
    }
    inFlight -= 1;
    flying.delete(group);
    for (const waiter of group) {
      if (failure) waiter.reject(failure.cause);
      else waiter.resolve();
    }
    settle(group);
    arm();
  }

  function takeGroup(): Waiter<T>[] {
    let size = 0;
    let length = 0;
    for (const waiter of waiting) {
      if (length > 0 && size + waiter.size > groupMax) break;
      size += waiter.size;
      length += 1;
    }
    const group = waiting.slice(0, length);
    waiting = waiting.slice(length);
    waitingSize -= size;
    return group;
  }

  return {
    submit(item) {
      if (closed) return Promise.reject(new GroupCommitFull('shutting down'));
      const size = sizeOf(item);
      // An item that alone is beyond the limit is taken when nothing else waits: else it could never be.
      if (pending > 0 && pending + size > pendingMax) {
        return Promise.reject(new GroupCommitFull(`${pending} wait already, ${pendingMax} may`));
      }
      pending += size;
      waitingSize += size;
      unsettled += 1;
      return new Promise((resolve, reject) => {
        const since = waitMaxMs === undefined ? 0 : performance.now();
        waiting.push({ item, size, since, resolve, reject });
        arm();
        watchWaits();
      });
    },
    pending: () => pending,
    close() {
      closed = true;
      arm();
      return unsettled === 0 ? Promise.resolve() : new Promise((resolve) => idleListeners.push(resolve));
    },
  };
}

interface Waiter<T> {
  item: T;
  size: number;
  /** Milliseconds of `performance.now`. */
  since: number;
  resolve(): void;
  reject(cause: unknown): void;
}
