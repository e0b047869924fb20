import type { ShardChanges } from '@event-tracker/domain';

/** One row of `pending_change`. */
export interface Package extends ShardChanges {
  /** Changes in it. */
  size: number;
}

/** A fold takes whole rows, and can set aside only what stands in a row of its own: so rows stay small. */
export const changesInPackageMax = 2000;
export const bytesInPackageMax = 64 * 1024;

/** Bytes of a change, but for its texts: some ten numbers and their places in the arrays. */
const fixedBytes = 80;

/** Divides what a commit changes in a shard into rows; kinds are not mixed once there is more than one row. */
export function packagesOf(changes: ShardChanges): Package[] {
  const { shard, counts, likes, recent } = changes;
  const empty = { shard, counts: [], likes: [], recent: [] };
  const size = counts.length + likes.length + recent.length;
  const bytes = [...counts, ...likes, ...recent].reduce((sum, change) => sum + bytesOf(change), 0);
  if (size <= changesInPackageMax && bytes <= bytesInPackageMax) return [{ ...changes, size }];
  return [
    ...divide(counts).map((part) => ({ ...empty, counts: part, size: part.length })),
    ...divide(likes).map((part) => ({ ...empty, likes: part, size: part.length })),
    ...divide(recent).map((part) => ({ ...empty, recent: part, size: part.length })),
  ];
}

function divide<Change extends { keyword: string | undefined; subject?: string }>(
  changes: readonly Change[],
): Change[][] {
  const parts: Change[][] = [];
  let bytes = 0;
  for (const change of changes) {
    const part = parts.at(-1);
    bytes += bytesOf(change);
    if (part === undefined || part.length === changesInPackageMax || bytes > bytesInPackageMax) {
      parts.push([change]);
      bytes = bytesOf(change);
    } else part.push(change);
  }
  return parts;
}

/** At most three bytes of UTF-8 a code unit. */
function bytesOf({ keyword = '', subject = '' }: { keyword: string | undefined; subject?: string }): number {
  return fixedBytes + 3 * (keyword.length + subject.length);
}
