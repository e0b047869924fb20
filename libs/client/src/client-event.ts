/** The fields that an event of any type may have. What the API refuses is told by `onDrop`. */
interface CommonFields {
  /** 1 to 128 characters: the visit that the event belongs to. */
  sessionId: string;
  /** A positive integer. */
  userId?: number;
  /** A UUID: under it the event counts once, however often it is sent. Made by `track` where there is none. */
  eventId?: string;
  /** ISO 8601 with an offset. The time of the call to `track` where there is none. */
  occurredAt?: string;
  /** Stored with the event, not counted: at most 4 KiB as JSON, 5 levels deep. */
  properties?: { [name: string]: unknown };
}

interface CommonMetadata {
  /** A positive integer. Usual: 1000 page view, 1001 search, 1002 click, 1003 like. */
  componentId: number;
  /** 1 to 256 characters. */
  elementId?: string;
  /** 1 to 100 characters once white space and letter case are normalised. */
  keyword?: string;
  /** A positive integer. */
  postId?: number;
}

interface SeenOrClicked extends CommonFields {
  eventType: 'CLICK' | 'PAGE_VIEW';
  metadata: CommonMetadata;
}

interface Searched extends CommonFields {
  eventType: 'SEARCH';
  metadata: CommonMetadata & { keyword: string };
}

interface LikedOrUnliked extends CommonFields {
  eventType: 'LIKE' | 'UNLIKE';
  userId: number;
  metadata: CommonMetadata & { postId: number };
}

/** An event as POST /api/events takes it. */
export type ClientEvent = SeenOrClicked | Searched | LikedOrUnliked;
