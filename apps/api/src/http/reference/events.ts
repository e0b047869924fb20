import { type EventType, eventTypes, strategies } from '@event-tracker/domain';
import { z } from 'zod';

const about: Record<EventType, string> = {
  CLICK: 'Something was clicked. Counted by component.',
  PAGE_VIEW: 'A page was seen. Counted by component.',
  SEARCH: 'Somebody searched. Counted by keyword; with a user it is one of their recent keywords.',
  LIKE: 'Sets the like of this user for this post. Of likes and unlikes the later `occurredAt` wins.',
  UNLIKE: 'Takes the like of this user for this post away. Of likes and unlikes the later `occurredAt` wins.',
};

/** The schemas that validate events, one by type, named for the document. */
const eventOfType = eventTypes.map((type) =>
  strategies[type].schema.meta({ id: `${nameOf(type)}Event`, description: about[type] }),
);

function nameOf(type: EventType): string {
  return type
    .split('_')
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join('');
}

export const event = z.union(eventOfType).meta({
  id: 'Event',
  description:
    'One of the types. `eventType` may be in any letter case. A field that is not named here is refused, so that a ' +
    'misspelt one is not lost; `null` is not absence; characters are code points; a NUL or an unpaired surrogate is ' +
    'refused anywhere.',
});

export const searchExample = {
  eventType: 'SEARCH',
  userId: 42,
  sessionId: 's-1',
  metadata: { componentId: 1001, elementId: 'search-box', keyword: '고양이' },
};

export const clickExample = {
  eventType: 'CLICK',
  sessionId: 's-1',
  metadata: { componentId: 1002, elementId: 'buy' },
  eventId: '0198c0de-7a3e-7c61-9c64-5f1d2a3b4c5d',
  properties: { colour: 'green' },
};

export const likeExample = {
  eventType: 'LIKE',
  userId: 42,
  sessionId: 's-1',
  metadata: { componentId: 1003, postId: 7 },
};
