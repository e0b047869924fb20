import { startBrowser } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { startTracker, type Tracker } from './tracker.ts';

let tracker: Tracker;
let browser: Browser;

beforeAll(async () => {
  tracker = await startTracker({ ready: false });
  browser = await startBrowser();
});

afterAll(async () => {
  await browser.close();
  await tracker.stop();
});

test('the page shows every route under the strict policy, and asks no other server', async () => {
  const page = await browser.newPage();
  const errors: string[] = [];
  const asked = new Set<string>();
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith('data:')) asked.add(new URL(request.url()).origin);
  });
  const response = await page.goto(`${tracker.url}/docs`);
  expect(response!.headers()['content-security-policy']).toMatch(/script-src 'self';/);
  await page.waitForSelector('.opblock');
  const { paths } = (await (await fetch(`${tracker.url}/openapi.json`)).json()) as {
    paths: Record<string, object>;
  };
  const operations = Object.values(paths).flatMap((methods) => Object.keys(methods));
  expect(await page.locator('.opblock').count()).toBe(operations.length);
  await page.locator('#operations-Sending_events-sendEvent .opblock-summary').click();
  await page.getByText('The event is durable.', { exact: true }).waitFor();
  expect(errors).toEqual([]);
  expect([...asked]).toEqual([new URL(tracker.url).origin]);
});
