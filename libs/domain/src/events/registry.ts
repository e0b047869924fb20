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

export function isEventType(text: string): text is EventType {
  return Object.hasOwn(registry, text);
}
