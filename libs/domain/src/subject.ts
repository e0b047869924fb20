import { strategies } from './events/registry.ts';
import type { SubjectKind } from './events/strategy.ts';
import type { TrackedEvent } from './events/tracked-event.ts';

// 2^53 - 1 has 16 digits. Padded, the order of the texts is the order of the numbers, in Redis and in PostgreSQL.
const digits = 16;

/** What a count is kept by, as text: an id zero-padded to 16 digits, or a normalised keyword. */
export function subjectOf(event: TrackedEvent): string {
  const kind = strategies[event.eventType].subjectKind;
  if (kind === 'keyword') return event.keyword!;
  return idSubject(kind === 'component' ? event.componentId : event.postId!);
}

export function idSubject(id: number): string {
  return String(id).padStart(digits, '0');
}

export function subjectId(subject: string): number {
  return Number(subject);
}

/** Among equal counts: posts by higher id, components by lower id, keywords in code point order. */
export const tieOrder: Readonly<Record<SubjectKind, 'ascending' | 'descending'>> = {
  component: 'ascending',
  keyword: 'ascending',
  post: 'descending',
};
