import type { Tracker } from './create-tracker.ts';

export {
  type BrowserEventType,
  createTracker,
  type Details,
  type Tracker,
  type TrackerOptions,
} from './create-tracker.ts';

declare global {
  interface Window {
    /** Once `/tracker.js` has run. */
    tracker: Tracker;
  }
}
