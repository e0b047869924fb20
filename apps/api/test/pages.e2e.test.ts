import { asAdmin, startBrowser } from '@event-tracker/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { startTracker, type Tracker } from './tracker.ts';

let tracker: Tracker;
let browser: Browser;

beforeAll(async () => {
  tracker = await startTracker();
  browser = await startBrowser();
});

afterAll(async () => {
  await browser?.close();
  await tracker?.stop();
});

/** Every page, with something that is there once it has loaded. */
const pages: [path: string, loaded: string][] = [
  ['/', '[data-book=stored]'],
  ['/docs', '.opblock'],
  ['/admin/queues', 'a[href*="queue/events"]'],
  ['/admin/queues/queue/events', 'a[href*="queue/events"]'],
];

test.each(pages)(
  '%s asks no other host for anything, and its policy blocks nothing of it',
  async (path, loaded) => {
    const context = await browser.newContext({ extraHTTPHeaders: asAdmin });
    const page = await context.newPage();
    const asked: string[] = [];
    const complaints: string[] = [];
    // Also what the policy then blocks, and what a link prefetches.
    context.on('request', (request) => asked.push(request.url()));
    page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()));
    page.on('pageerror', (cause) => complaints.push(String(cause)));
    await page.goto(tracker.url + path);
    await page.waitForSelector(loaded);
    expect(asked.length).toBeGreaterThan(2);
    expect(asked.filter((url) => !url.startsWith(`${tracker.url}/`) && !url.startsWith('data:'))).toEqual([]);
    // Named, though this browser did not ask for it.
    const named = await page.$$eval('link, script, img, iframe', (elements) =>
      elements.map((element) => element.getAttribute('href') ?? element.getAttribute('src') ?? ''),
    );
    const hosts = named
      .map((url) => new URL(url, tracker.url))
      .filter(({ protocol }) => protocol !== 'data:');
    expect(hosts.filter(({ origin }) => origin !== tracker.url).map(({ href }) => href)).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  },
);

const answers = [
  ...pages.map(([path]) => path),
  '/admin/queues/api/queues',
  '/admin/queues/static/favicon.svg',
  '/admin/ledger',
  '/docs/page.js',
  '/openapi.json',
  '/tracker.js',
  '/api/statistics/keywords/top',
  '/api/search/recent/1',
  '/healthz',
  '/metrics',
  '/nothing',
];

describe.each(answers)('the answer of %s', (path) => {
  const headers = async () => {
    const response = await fetch(tracker.url + path, { headers: asAdmin });
    await response.text();
    return response.headers;
  };

  test('allows no other host in its policy', async () => {
    const policy = (await headers()).get('content-security-policy') ?? "default-src 'none'";
    expect(policy).toMatch(/default-src '(?:self|none)'/);
    const sources = policy.split(/[;\s]+/).filter((word) => /[.*:]/.test(word));
    expect(sources.filter((source) => source !== 'data:')).toEqual([]);
  });

  test('binds no domain to TLS, and does not say what it is made with', async () => {
    const given = await headers();
    expect([given.get('strict-transport-security'), given.get('x-powered-by')]).toEqual([null, null]);
  });
});
