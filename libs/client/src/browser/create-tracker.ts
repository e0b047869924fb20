import { newEventId } from '../event-id.ts';
import { cleanText } from './clean-text.ts';
import { watchClicks } from './clicks.ts';
import { createEventStore } from './event-store.ts';
import { watchPageViews } from './page-views.ts';
import { createSender } from './sender.ts';
import { readVisit } from './visit.ts';

export interface TrackerOptions {
  /** Where the API is, such as https://events.example.com. */
  host: string;
  /** One of the API's WRITE_KEYS, where it has any. */
  writeKey?: string | undefined;
  /** In place of 1000 for page views and 1002 for clicks. */
  componentId?: number | undefined;
  /** Sends nothing, and keeps nothing, for users whose browser says Do Not Track or Global Privacy Control. */
  respectDnt?: boolean | undefined;
  /** Page views and clicks on elements with `data-track` are recorded unless this is false. */
  automatic?: boolean | undefined;
}

export interface Details {
  /** 1000 page view, 1001 search, 1002 click, 1003 like are usual, and the defaults. */
  componentId?: number | undefined;
  elementId?: string | undefined;
  keyword?: string | undefined;
  postId?: number | undefined;
  /** At most 4 KiB as JSON. */
  properties?: { [name: string]: unknown } | undefined;
}

const defaultComponents = { PAGE_VIEW: 1000, SEARCH: 1001, CLICK: 1002, LIKE: 1003, UNLIKE: 1003 };

export type BrowserEventType = keyof typeof defaultComponents;

export interface Tracker {
  /** Records an event. It has its id and time from here on, and is sent until the API has it, by this page or the next. */
  track(eventType: BrowserEventType, details?: Details): void;
  search(keyword: string): void;
  /** For the user that `identify` has named. */
  like(postId: number): void;
  unlike(postId: number): void;
  /** Names the user of the events to come, until the tab is closed; without an id they are nobody's again. */
  identify(userId?: number): void;
}

/** Events that wait in this browser at most. */
const waitingMax = 1000;
/** How long an event waits for others. */
const lingerMs = 200;

export function createTracker(options: TrackerOptions): Tracker {
  const { writeKey, componentId, respectDnt, automatic = true } = options;
  const silent = respectDnt && saysNo();
  const host = options.host.replace(/\/+$/, '');
  const route = `${host}/api/events/batch${writeKey ? `?writeKey=${encodeURIComponent(writeKey)}` : ''}`;
  const { visit, keep } = silent ? { visit: undefined, keep() {} } : readVisit();
  const store = createEventStore(`event-tracker ${route} `, waitingMax);
  const sender = createSender(route, store, (id, errors) => warn(`the event ${id} is refused`, errors));
  /** Of this page: what it has to hand over when it goes. */
  const own = new Set<string>();

  function track(eventType: BrowserEventType, details: Details = {}): void {
    if (!visit) return;
    const { properties, elementId, componentId = defaultComponents[eventType], ...metadata } = details;
    const now = Date.now();
    const eventId = newEventId(now);
    const event = {
      eventType,
      ...visit,
      metadata: {
        componentId,
        elementId: elementId && cleanText(elementId, 256),
        ...metadata,
      },
      eventId,
      occurredAt: new Date(now).toISOString(),
      properties,
    };
    if (!store.add(eventId, JSON.stringify(event))) {
      warn('an event is lost: too many wait');
      return;
    }
    if (own.size > waitingMax) for (const id of own) if (!store.read(id)) own.delete(id);
    own.add(eventId);
    sender.soon(lingerMs);
  }

  function like(eventType: 'LIKE' | 'UNLIKE', postId: number): void {
    if (visit && !visit.userId) warn('a like needs a user: call identify(userId) first');
    else track(eventType, { postId });
  }

  if (visit) {
    let lookAgain = () => {};
    if (automatic) {
      lookAgain = watchPageViews((details) =>
        track('PAGE_VIEW', { componentId: componentId ?? 1000, ...details }),
      );
      watchClicks((elementId) => track('CLICK', { componentId: componentId ?? 1002, elementId }));
    }
    addEventListener('online', () => sender.soon(0));
    addEventListener('pagehide', () => {
      lookAgain();
      sender.beacon(store.ids().filter((id) => own.has(id)));
    });
    // What a page before this one has left.
    sender.soon(0);
  }

  return {
    track,
    search: (keyword) => track('SEARCH', { keyword }),
    like: (postId) => like('LIKE', postId),
    unlike: (postId) => like('UNLIKE', postId),
    identify(userId) {
      if (!visit) return;
      visit.userId = userId;
      keep();
    },
  };
}

/** Whether the user's browser asks not to be tracked. */
function saysNo(): boolean {
  return navigator.doNotTrack === '1' || Reflect.get(navigator, 'globalPrivacyControl') === true;
}

function warn(...what: unknown[]): void {
  console.warn('Event Tracker:', ...what);
}
