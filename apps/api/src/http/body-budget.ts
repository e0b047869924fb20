/** What the body of one request takes while it is read. */
export interface BodyHold {
  /** Counts bytes that came, as one chunk. May refuse this body, or another one. */
  add(bytes: number): void;
  /** Called at most once, when the body has to go: nothing of it may be kept. Set by the reader. */
  refused: () => void;
  /** The body is read, or its reader gave up. */
  close(): void;
}

/** Bounds the bytes of all bodies that are being read at a time, what their decompression makes included. */
export interface BodyBudget {
  open(): BodyHold;
  /** Held now. */
  bytes(): number;
  /** Bodies that were refused so far. */
  refusals(): number;
}

/** About what Node keeps for a chunk beside its bytes: a body that comes byte by byte takes hundreds of times its size. */
const chunkBytes = 256;

interface Held extends BodyHold {
  bytes: number;
  since: number;
}

/**
 * Beyond the budget the body goes that has held the most for the longest, bytes times milliseconds. So a thousand slow
 * uploads end each other, and an event that comes in one piece is taken beside them.
 */
export function createBodyBudget({ bytesMax, now }: { bytesMax: number; now(): number }): BodyBudget {
  const held = new Set<Held>();
  let total = 0;
  let refusals = 0;

  function letGo(hold: Held): void {
    if (held.delete(hold)) total -= hold.bytes;
  }

  function refuseOne(): void {
    const at = now();
    let most: Held | undefined;
    let mostCost = -1;
    for (const hold of held) {
      const cost = hold.bytes * (at - hold.since + 1);
      if (cost <= mostCost) continue;
      most = hold;
      mostCost = cost;
    }
    letGo(most!);
    refusals += 1;
    most!.refused();
  }

  return {
    open() {
      const hold: Held = {
        bytes: 0,
        since: now(),
        refused: () => {},
        add(bytes) {
          if (!held.has(hold)) return;
          hold.bytes += bytes + chunkBytes;
          total += bytes + chunkBytes;
          while (total > bytesMax) refuseOne();
        },
        close: () => letGo(hold),
      };
      held.add(hold);
      return hold;
    },
    bytes: () => total,
    refusals: () => refusals,
  };
}
