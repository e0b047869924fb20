import { findChromium } from '@event-tracker/infra';
import type { Browser } from 'playwright-core';

/** What keeps it from calling home. */
const quiet = [
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
];

/** This machine's Chromium, without a window. Close it. */
export async function startBrowser(): Promise<Browser> {
  const { path } = findChromium();
  if (path === undefined)
    throw new Error('Chromium is missing: npm test looks for it and says how to install it');
  // It is large, and most tests need none.
  const { chromium } = await import('playwright-core');
  return chromium.launch({ executablePath: path, args: ['--no-sandbox', '--disable-gpu', ...quiet] });
}
