import { grains, type TrackedEvent } from '@event-tracker/domain';
import { aLike, anEvent, anUnlike, aSearch } from './builders.ts';

const oneOf = (count: number) => 1 + Math.floor(Math.random() * count);

/** Of few subjects, pairs and minutes, so that commits and folds meet on all of them. */
export function someEvent(): TrackedEvent {
  const fields = { occurredAt: Date.now() - oneOf(3) * grains.hour, clientId: Math.random() < 0.5 };
  switch (oneOf(4)) {
    case 1:
      return anEvent({ ...fields, componentId: oneOf(9) });
    case 2:
      return aSearch(`keyword ${oneOf(9)}`, { ...fields, userId: oneOf(3) });
    case 3:
      return aLike(oneOf(5), oneOf(5), fields);
    default:
      return anUnlike(oneOf(5), oneOf(5), fields);
  }
}

export const someEvents = (count: number) => Array.from({ length: count }, someEvent);
