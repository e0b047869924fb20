import type { Books } from '@event-tracker/storage';

/** Why the books do not balance: which figure differs from what stands for it, and by how much. Empty when they do. */
export function imbalances(
  books: Pick<Books, 'received' | 'stored' | 'duplicate' | 'dead' | 'waiting' | 'rows'>,
  missing: number,
): string[] {
  const { stored, duplicate, dead, rows } = books;
  const received = books.received - books.waiting;
  const committed = stored + duplicate + dead;
  return [
    missing > 0 &&
      `missing is ${missing}: this number of events was acknowledged, and is neither committed nor on a lane`,
    rows < stored &&
      `stored is ${stored - rows} above the rows of event (${stored}, ${rows} rows): rows were deleted, and not by retention`,
    rows > stored &&
      `stored is ${rows - stored} below the rows of event (${stored}, ${rows} rows): rows were inserted, and not by a commit`,
    received !== committed &&
      `received is ${Math.abs(received - committed)} ${received > committed ? 'above' : 'below'} stored + duplicate + dead (${received}, ${committed}), in flight left out: the table producer was changed, and not by a commit`,
  ].filter((reason) => reason !== false);
}
