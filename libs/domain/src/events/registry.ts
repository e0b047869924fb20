import { click } from './click.ts';
import { like } from './like.ts';
import { pageView } from './page-view.ts';
import { search } from './search.ts';
import type { EventStrategy } from './strategy.ts';
import { unlike } from './unlike.ts';

/** Every event type there is. A new one is a file beside this one and a line here; all else follows from them. */
const registry = {
  CLICK: click,
  PAGE_VIEW: pageView,
  SEARCH: search,
  LIKE: like,
  UNLIKE: unlike,
} as const;

export type EventType = keyof typeof registry;

/** Total by type: a key without its own type's strategy, or a `lessType` that does not exist, does not compile. */
export const strategies: {
  readonly [Type in EventType]: EventStrategy<Type> & { readonly lessType?: EventType };
} = registry;

export const eventTypes = Object.keys(registry) as readonly EventType[];

const longestName = Math.max(...eventTypes.map((name) => name.length));

export function isEventType(text: string): text is EventType {
  return Object.hasOwn(registry, text);
}

/**
 * The event type that a text names in any letter case; undefined when it names none. ASCII letters only: elsewhere other
 * letters, such as a dotless i, have the same upper case.
 */
export function readEventType(text: unknown): EventType | undefined {
  if (typeof text !== 'string' || text.length > longestName || !/^[a-z_]+$/i.test(text)) return undefined;
  const name = text.toUpperCase();
  return isEventType(name) ? name : undefined;
}
