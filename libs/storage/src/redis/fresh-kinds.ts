import type { SubjectKind } from '@event-tracker/domain';
import type { Redis } from './connection.ts';
import { subjectKinds, viewKeys } from './keys.ts';

/** Of every subject kind whether its views are fresh: readers are answered by them. */
export function readFreshKinds(redis: Redis): Promise<(readonly [SubjectKind, boolean])[]> {
  return Promise.all(
    subjectKinds.map(async (kind) => [kind, (await redis.exists(viewKeys.lease(kind))) === 1] as const),
  );
}
