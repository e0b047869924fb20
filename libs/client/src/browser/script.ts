import { createTracker } from './create-tracker.ts';

/** What `<script src="…/tracker.js">` runs: the tag's attributes are the options, and pages find it as `window.tracker`. */
const { dataset, src } = document.currentScript as HTMLScriptElement;
const { host = new URL('.', src).href, writeKey, componentId, respectDnt } = dataset;

window.tracker = createTracker({
  host,
  writeKey,
  componentId: componentId ? Number(componentId) : undefined,
  respectDnt: respectDnt !== undefined && respectDnt !== 'false',
});
