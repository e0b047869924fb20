import type { ShardChanges } from '@event-tracker/domain';
import { plainArray, textArray } from '../arrays.ts';
import { pendingVersion } from '../fold/pending-version.ts';
import { statement } from '../sql.ts';
import type { Send } from '../transaction.ts';
import { type Package, packagesOf } from './package-changes.ts';

const insertPendingChanges = statement('insert-pending-changes');

/** Appends what a fold is to add up. Answers in how many rows. */
export function appendChanges(send: Send, changes: readonly ShardChanges[]): number {
  const packages = changes.flatMap(packagesOf);
  if (packages.length === 0) return 0;
  const texts = packages.map(arraysOf);
  const columns = texts[0]!.map((_, column) => textArray(texts.map((arrays) => arrays[column])));
  void send(insertPendingChanges, [
    plainArray(packages.map(({ shard }) => shard)),
    plainArray(packages.map(({ size }) => size)),
    ...columns,
    pendingVersion,
  ]);
  return packages.length;
}

/** In the order of the statement's parameters; undefined for the arrays of a kind that the package has nothing of. */
function arraysOf({ counts, likes, recent }: Package): (string | undefined)[] {
  return [
    plain(counts, (change) => change.minute),
    plain(counts, (change) => change.eventType),
    text(counts, (change) => change.subject),
    plain(counts, (change) => change.componentId),
    text(counts, (change) => change.keyword),
    plain(counts, (change) => change.postId),
    plain(counts, (change) => change.count),
    plain(likes, (change) => change.eventType),
    plain(likes, (change) => change.liked),
    plain(likes, (change) => change.userId),
    plain(likes, (change) => change.postId),
    plain(likes, (change) => change.occurredAt),
    plain(likes, (change) => change.eventId),
    text(likes, (change) => change.subject),
    plain(likes, (change) => change.componentId),
    text(likes, (change) => change.keyword),
    plain(recent, (search) => search.userId),
    text(recent, (search) => search.keyword),
    plain(recent, (search) => search.occurredAt),
  ];
}

function plain<T>(items: readonly T[], of: (item: T) => string | number | boolean | undefined) {
  return column(items, of, plainArray);
}

function text<T>(items: readonly T[], of: (item: T) => string | undefined) {
  return column(items, of, textArray);
}

/** A column without any value is null as a whole: PostgreSQL reads it as so many nulls. */
function column<T, Value>(
  items: readonly T[],
  of: (item: T) => Value | undefined,
  arrayOf: (values: readonly (Value | undefined)[]) => string,
): string | undefined {
  const values = items.map(of);
  return values.every((value) => value === undefined) ? undefined : arrayOf(values);
}
