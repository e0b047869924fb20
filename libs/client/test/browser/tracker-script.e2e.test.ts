import {
  asAdmin,
  createTestDatabase,
  startApi,
  startBrowser,
  startTestRedis,
  startWorker,
  type TestDatabase,
  type TestProcess,
  type TestStore,
  until,
  untilReady,
} from '@event-tracker/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { startTestSite } from './test-site.ts';

const writeKey = 'a key & more';
const closers: (() => unknown)[] = [];
let database: TestDatabase;
let redis: TestStore;
let api: TestProcess;
let site: { url: string };
let browser: Browser;
let sql: pg.Pool;
let context: BrowserContext;

const startTheApi = async (port: string) => {
  const started = await startApi({
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    WRITE_KEYS: writeKey,
    PORT: port,
  });
  await untilReady(started);
  return started;
};

beforeAll(async () => {
  database = await createTestDatabase();
  closers.push(() => database.drop());
  redis = await startTestRedis();
  closers.push(() => redis.stop());
  sql = new pg.Pool({ connectionString: database.url, max: 2 });
  closers.push(() => sql.end());
  const worker = await startWorker({ DATABASE_URL: database.url, REDIS_URL: redis.url });
  closers.push(() => worker.stop());
  api = await startTheApi('0');
  closers.push(() => api.stop());
  await untilReady(worker);
  const started = await startTestSite(
    `<script src="${api.url}/tracker.js" data-write-key="${writeKey.replace('&', '&amp;')}" data-respect-dnt></script>`,
  );
  site = started;
  closers.push(started.close);
  browser = await startBrowser();
  closers.push(() => browser.close());
}, 180_000);

afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

beforeEach(async () => {
  context = await browser.newContext();
});

afterEach(() => context.close());

interface Row {
  event_id: string;
  event_type: string;
  user_id: string | null;
  session_id: string;
  component_id: string;
  element_id: string | null;
  keyword: string | null;
  post_id: string | null;
  properties: Record<string, string> | null;
}

async function visit(path: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(site.url + path);
  return page;
}

const sessionOf = (page: Page) =>
  page.evaluate(
    () => (JSON.parse(sessionStorage.getItem('event-tracker')!) as { sessionId: string }).sessionId,
  );

/** What is stored of these visits, in the order of the ids: which is the one of the calls. */
async function storedOf(...sessions: string[]): Promise<Row[]> {
  const query = 'select * from event where session_id = any($1) order by event_id';
  return (await sql.query<Row>(query, [sessions])).rows;
}

async function stored(count: number, ...sessions: string[]): Promise<Row[]> {
  await until(async () => (await storedOf(...sessions)).length >= count, { what: `${count} stored events` });
  const rows = await storedOf(...sessions);
  expect(rows.length).toBe(count);
  return rows;
}

/** Events that this browser holds because nobody has said that they arrived. */
const waiting = (page: Page) =>
  page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('event-tracker')).length);

const untilNothingWaits = (page: Page) =>
  until(async () => (await waiting(page)) === 0, { what: 'an empty queue' });

const clicks = (page: Page, count: number) =>
  page.evaluate((times) => {
    for (let at = 0; at < times; at += 1) window.tracker.track('CLICK', { elementId: `n${at}` });
  }, count);

const brief = ({ event_type, component_id, element_id }: Row) => [event_type, component_id, element_id];

test('a page, those that a single-page app goes to, and clicks on what is marked are recorded', async () => {
  const page = await visit(`/first/${'x'.repeat(300)}?q=1`);
  await page.click('#plain');
  await page.click('#inside');
  await page.click('#by-id');
  await page.evaluate(() => {
    history.pushState({}, '', '/second');
    document.title = 'The second';
  });
  await page.evaluate(() => history.pushState({}, '', '/second#part'));
  const rows = await stored(4, await sessionOf(page));
  expect(rows.map(brief)).toEqual([
    ['PAGE_VIEW', '1000', `/first/${'x'.repeat(249)}`],
    ['CLICK', '1002', 'buy'],
    ['CLICK', '1002', 'by-id'],
    ['PAGE_VIEW', '1000', '/second'],
  ]);
  expect(rows[0]!.properties).toEqual({
    url: page.url().replace(/\/second.*/, `/first/${'x'.repeat(300)}?q=1`),
    referrer: '',
    title: 'A page',
  });
  expect(rows[3]!.properties).toMatchObject({ url: `${site.url}/second`, title: 'The second' });
  expect(rows[3]!.properties!.referrer).toBe(rows[0]!.properties!.url);
  await untilNothingWaits(page);
  expect(await context.cookies()).toEqual([]);
});

test('searches and likes are recorded, of the user that was named, and on the next page, too', async () => {
  const page = await visit('/');
  await page.evaluate(() => {
    window.tracker.like(6);
    window.tracker.search('  Green   TEA ');
    window.tracker.identify(42);
    window.tracker.like(7);
    window.tracker.unlike(7);
  });
  const session = await sessionOf(page);
  await page.click('#away');
  await page.waitForURL('**/elsewhere');
  const rows = await stored(6, session);
  expect(
    rows.map(({ event_type, user_id, keyword, post_id }) => [event_type, user_id, keyword, post_id]),
  ).toEqual([
    ['PAGE_VIEW', null, null, null],
    ['SEARCH', null, 'green tea', null],
    ['LIKE', '42', null, '7'],
    ['UNLIKE', '42', null, '7'],
    ['CLICK', '42', null, null],
    ['PAGE_VIEW', '42', null, null],
  ]);
  expect(rows[5]!.properties!.referrer).toBe(`${site.url}/`);
});

test('what happens offline arrives once, when the browser is online again', async () => {
  const page = await visit('/');
  const session = await sessionOf(page);
  await untilNothingWaits(page);
  await context.setOffline(true);
  await clicks(page, 150);
  expect(await waiting(page)).toBe(150);
  await context.setOffline(false);
  await stored(151, session);
  await untilNothingWaits(page);
});

test('a page that is closed at once leaves its events with the browser, or with the next page', async () => {
  const page = await visit('/');
  const session = await sessionOf(page);
  await untilNothingWaits(page);
  await clicks(page, 150);
  await page.close({ runBeforeUnload: true });
  await stored(151, session);
  const next = await visit('/');
  await untilNothingWaits(next);
  await stored(152, session, await sessionOf(next));
});

test('what a page that is closed offline leaves is sent by the next page', async () => {
  const page = await visit('/');
  const session = await sessionOf(page);
  await untilNothingWaits(page);
  const next = await visit('/');
  await context.setOffline(true);
  await clicks(page, 3);
  await page.close();
  await context.setOffline(false);
  await next.reload();
  await stored(4, session);
});

test('of two tabs that record at once each event is stored once', async () => {
  const tabs = await Promise.all([visit('/one'), visit('/two')]);
  const sessions = await Promise.all(tabs.map(sessionOf));
  await Promise.all(tabs.map((tab) => clicks(tab, 200)));
  await stored(402, ...sessions);
  for (const tab of tabs) await untilNothingWaits(tab);
});

test('a tab that is closed while another stays open loses nothing', async () => {
  const [one, other] = [await visit('/one'), await visit('/two')];
  const sessions = await Promise.all([one, other].map(sessionOf));
  await clicks(one, 120);
  await Promise.all([clicks(other, 120), one.close()]);
  await stored(242, ...sessions);
  await untilNothingWaits(other);
});

test('while the API is down events wait, and each is stored once when it is back', async () => {
  const page = await visit('/');
  const session = await sessionOf(page);
  await clicks(page, 120);
  api.signal('SIGKILL');
  await api.ended;
  await clicks(page, 120);
  expect(await waiting(page)).toBeGreaterThanOrEqual(120);
  api = await startTheApi(new URL(api.url).port);
  await stored(241, session);
  await untilNothingWaits(page);
});

test('what the API refuses is dropped, and told on the console', async () => {
  const page = await visit('/');
  const told = page.waitForEvent('console', (message) => message.text().includes('refused'));
  await page.evaluate(() => {
    window.tracker.search(' ');
    window.tracker.search('tea');
  });
  await told;
  await untilNothingWaits(page);
  expect((await stored(2, await sessionOf(page))).map(brief)).toEqual([
    ['PAGE_VIEW', '1000', '/'],
    ['SEARCH', '1001', null],
  ]);
});

test('who asks not to be tracked leaves no trace, here or there', async () => {
  await context.addInitScript(() =>
    Object.defineProperty(navigator, 'globalPrivacyControl', { get: () => true }),
  );
  const requests: string[] = [];
  context.on('request', (request) => requests.push(new URL(request.url()).pathname));
  const page = await visit('/');
  await page.evaluate(() => window.tracker.identify(42));
  await clicks(page, 3);
  await page.click('#away');
  await page.waitForURL('**/elsewhere');
  expect(requests.filter((path) => path.startsWith('/api'))).toEqual([]);
  expect(
    await page.evaluate(() => Object.keys(localStorage).length + Object.keys(sessionStorage).length),
  ).toBe(0);
});

test('the module does the same, under the options that it is given', async () => {
  const page = await visit('/');
  const session = await sessionOf(page);
  await page.evaluate(
    async ([url, key]) => {
      const { createTracker } = (await import(
        `${url}/tracker.mjs`
      )) as typeof import('../../src/browser/index.ts');
      createTracker({ host: url!, writeKey: key, automatic: false }).track('CLICK', { componentId: 5 });
    },
    [api.url, writeKey],
  );
  expect((await stored(2, session)).map(brief)).toEqual([
    ['PAGE_VIEW', '1000', '/'],
    ['CLICK', '5', null],
  ]);
});

test('after all of it the books balance: everything that was sent twice counted once', async () => {
  const ledger = async () =>
    (await (await fetch(`${api.url}/admin/ledger`, { headers: asAdmin })).json()) as Record<
      string,
      number | boolean
    >;
  await until(async () => (await ledger()).inFlight === 0, { what: 'empty lanes' });
  const { stored: kept, dead, missing, balanced } = await ledger();
  const { rows } = await sql.query<{ n: number; ids: number }>(
    'select count(*)::int as n, count(distinct event_id)::int as ids from event',
  );
  expect({ kept, dead, missing, balanced }).toEqual({
    kept: rows[0]!.n,
    dead: 0,
    missing: 0,
    balanced: true,
  });
  expect(rows[0]!.ids).toBe(rows[0]!.n);
});
