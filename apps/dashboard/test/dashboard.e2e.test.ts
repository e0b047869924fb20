import { createRequire } from 'node:module';
import {
  adminToken,
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
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import type { Browser, Page } from 'playwright-core';

const axeFile = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const closers: (() => unknown)[] = [];
let database: TestDatabase;
let redis: TestStore;
let api: TestProcess;
let browser: Browser;
let sql: pg.Client;
/** What the page complained of: a policy that blocks something, too, is told here. */
let complaints: string[] = [];
let page: Page;

const startTheApi = async (env: Record<string, string> = {}) => {
  const started = await startApi({ DATABASE_URL: database.url, REDIS_URL: redis.url, ...env });
  await untilReady(started);
  return started;
};

beforeAll(async () => {
  database = await createTestDatabase();
  closers.push(() => database.drop());
  redis = await startTestRedis();
  closers.push(() => redis.stop());
  sql = new pg.Client(database.url);
  await sql.connect();
  closers.push(() => sql.end());
  await sql.query('alter table event add constraint no_thirteen check (component_id <> 13)');
  const worker = await startWorker({ DATABASE_URL: database.url, REDIS_URL: redis.url });
  closers.push(() => worker.stop());
  api = await startTheApi();
  closers.push(() => api.stop());
  await untilReady(worker);
  browser = await startBrowser();
  closers.push(() => browser.close());
}, 270_000);

afterEach(async () => {
  await page?.context().close();
  expect(complaints).toEqual([]);
});

afterAll(async () => {
  for (const close of closers.reverse()) await close();
}, 180_000);

type Options = NonNullable<Parameters<Browser['newContext']>[0]>;

async function open(options: Options = {}, url = api.url, prepare = async () => {}): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-US', ...options });
  page = await context.newPage();
  complaints = [];
  page.on('pageerror', (cause) => complaints.push(String(cause)));
  page.on('console', (line) => {
    // A refused request is told there by the browser itself.
    if (line.type() === 'error' && !line.text().startsWith('Failed to load resource'))
      complaints.push(line.text());
  });
  await prepare();
  await page.goto(url);
  return page;
}

/** As `npm start` prints it. */
const signInLink = () => `${api.url}/#token=${adminToken}`;
const untilLive = () => until(async () => (await page.getAttribute('.connection', 'data-state')) === 'live');
const send = async (...events: object[]) => {
  const response = await fetch(`${api.url}/api/events/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(events),
  });
  expect(response.status).toBe(202);
};
const click = (componentId = 1002) => ({ eventType: 'CLICK', sessionId: 's', metadata: { componentId } });
const search = (keyword: string) => ({
  eventType: 'SEARCH',
  sessionId: 's',
  metadata: { componentId: 1001, keyword },
});
const read = async <Body>(path: string) =>
  (await (await fetch(`${api.url}${path}`, { headers: asAdmin })).json()) as Body;
/** Rows of a ranking as the page shows them. */
const rowsOf = (ranking: string) =>
  page.$$eval(`#${ranking} tbody tr`, (rows) =>
    rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent)),
  );
const book = async (name: string) => Number(await page.textContent(`[data-book=${name}] dd`));

test('with no event yet it says how to send one, and its button sends it', async () => {
  await open();
  expect(await page.textContent('.first code')).toContain(`curl ${api.url}/api/events`);
  await page.click('.first button.primary');
  await until(async () => (await rowsOf('keywords')).length === 1);
  expect(await rowsOf('keywords')).toEqual([['hello', '1']]);
  await until(async () => (await page.$('.first')) === null);
});

test('numbers move when events arrive, and are those of the API, after a reload, too', async () => {
  await open();
  await untilLive();
  await send(search('고양이'), search('고양이'), search('고양이'), search('tea'), search('tea'));
  const top = () =>
    read<{ keywords: { keyword: string; count: number }[] }>('/api/statistics/keywords/top?limit=10').then(
      ({ keywords }) => keywords.map(({ keyword, count }) => [keyword, `${count}`]),
    );
  await until(async () => (await rowsOf('keywords'))[0]?.[0] === '고양이');
  expect(await rowsOf('keywords')).toEqual(await top());

  await send(...Array.from({ length: 5 }, () => search('tea')));
  await until(async () => (await rowsOf('keywords'))[0]?.[0] === 'tea');
  expect(await rowsOf('keywords')).toEqual(await top());

  await page.reload();
  await until(async () => (await rowsOf('keywords'))[0]?.[0] === 'tea');
  expect(await rowsOf('keywords')).toEqual(await top());
});

test('the rate of a type shows what was committed', async () => {
  await open();
  await untilLive();
  const seen: number[] = [];
  await page.exposeFunction('tell', (count: number) => void seen.push(count));
  await page.evaluate(() => {
    const { tell } = globalThis as unknown as { tell(count: number): void };
    const rate = document.querySelector('.legend [data-type=CLICK] ~ b')!;
    const observer = new MutationObserver(() => tell(Number(rate.textContent)));
    observer.observe(rate, { characterData: true, childList: true, subtree: true });
  });
  await send(...Array.from({ length: 30 }, () => click()));
  await until(() => seen.some((count) => count > 0));
  await until(() => seen.reduce((sum, count) => sum + count, 0) === 30);
});

test('a time series adds up to what the API counts', async () => {
  await send(click(77), click(77), click(77));
  await until(
    async () => (await read<{ count: number }>('/api/statistics?eventType=CLICK&componentId=77')).count === 3,
  );
  await open();
  await page.selectOption('form.fields select >> nth=0', 'CLICK');
  await page.selectOption('form.fields select >> nth=1', 'component');
  await page.fill('form.fields input', '77');
  await page.click('form.fields button');
  await until(async () => (await page.textContent('#series-total').catch(() => '')) === '3');
  await page.fill('form.fields input', 'x');
  await page.click('form.fields button');
  await until(async () => (await page.textContent('.failure'))?.includes('componentId') === true);
});

test('the books are those of the API; a dead letter says why, and is replayed once', async () => {
  await send(click(13), click(1002));
  await open({}, signInLink());
  await until(async () => (await page.$$('[data-letter]')).length === 1);
  expect(await page.textContent('[data-letter]')).toContain('no_thirteen');
  await sql.query('alter table event drop constraint no_thirteen');
  await page.click('[data-letter] button');
  await until(async () => (await page.textContent('[data-letter] .badge').catch(() => null)) === 'Replayed');
  await until(
    async () => (await read<{ count: number }>('/api/statistics?eventType=CLICK&componentId=13')).count === 1,
  );
  const books = await read<Record<string, number>>('/admin/ledger');
  await until(async () => (await book('stored')) === books.stored && (await book('dead')) === 1);
  await until(async () => (await page.textContent('h3 .badge')) === 'Balanced');
});

test('a change that could not be added up is told apart from an event, and is replayed', async () => {
  await sql.query(`
    create function refuse() returns trigger language plpgsql as $$
    begin raise exception 'refused' using errcode = '22000'; end $$;
    create trigger refuse before insert on statistic for each row when (new.component_id = 15) execute function refuse()`);
  await send(click(15));
  await open({}, signInLink());
  const letter = '[data-letter]:has-text("refused")';
  await until(async () => (await page.$$(letter)).length === 1);
  expect(await page.textContent(`${letter} summary`)).toBe('Change of a count or a like');
  expect(JSON.parse((await page.textContent(`${letter} pre`))!)).toMatchObject({ adds: 1, componentId: 15 });
  await sql.query('drop function refuse cascade');
  await page.click(`${letter} button`);
  await until(
    async () => (await read<{ count: number }>('/api/statistics?eventType=CLICK&componentId=15')).count === 1,
  );
});

test('what is committed and not added up waits beside the lanes', async () => {
  await open();
  await untilLive();
  const waiting = () => page.textContent('.lane:has-text("To be added up") dd');
  await until(async () => (await waiting()) === '0');
  await sql.query('begin; lock table statistic in exclusive mode');
  await send(click(), click(), click());
  await until(async () => (await waiting()) === '3');
  await sql.query('rollback');
  await until(async () => (await waiting()) === '0');
});

test('the books are asked for as they were entered, one answer at a time, and compared with the rows when asked', async () => {
  const asked: string[] = [];
  await open({}, signInLink(), async () => {
    await page.clock.install();
    page.on('request', (request) => {
      const { pathname } = new URL(request.url());
      if (pathname.startsWith('/admin/ledger')) asked.push(pathname);
    });
  });
  await page.waitForSelector('[data-book=stored]');
  const held = Promise.withResolvers<void>();
  await page.route('**/admin/ledger/entered', async (route) => {
    await held.promise;
    await route.continue();
  });
  asked.length = 0;
  await page.clock.runFor(4000);
  await until(() => asked.length === 1);
  await page.clock.runFor(20_000);
  expect(asked).toEqual(['/admin/ledger/entered']);
  held.resolve();
  await until(async () => {
    await page.clock.runFor(1000);
    return asked.length > 2;
  });
  expect(new Set(asked)).toEqual(new Set(['/admin/ledger/entered']));
  await page.click('#compare-rows');
  await until(async () => (await page.textContent('#compare-rows')) === 'The rows agree');
  expect(asked).toContain('/admin/ledger');
});

test('after the API was away the page goes on by itself', async () => {
  await open();
  await untilLive();
  const { port } = new URL(api.url);
  await api.stop();
  await until(async () => (await page.getAttribute('.connection', 'data-state')) === 'reconnecting');
  api = await startTheApi({ PORT: port });
  await untilLive();
  await send(...Array.from({ length: 50 }, () => search('back again')));
  await until(async () => (await rowsOf('keywords'))[0]?.[0] === 'back again');
}, 180_000);

test('with keys configured it asks for one, and an admin token opens everything', async () => {
  const guarded = await startTheApi({ API_KEYS: 'secret', ADMIN_TOKENS: 'root' });
  try {
    await open({}, guarded.url);
    await page.waitForSelector('dialog[open]');
    await page.fill('#key', 'root');
    await page.click('dialog button.primary');
    await untilLive();
    await until(async () => (await page.$('[data-book=stored]')) !== null);
    await page.reload();
    await untilLive();
  } finally {
    await page.context().close();
    await guarded.stop();
  }
}, 180_000);

test('it speaks Korean to who reads Korean, and as is chosen, which is kept', async () => {
  await open({ locale: 'ko-KR' });
  expect(await page.textContent('#keywords h2')).toContain('인기 검색어');
  expect(await page.getAttribute('html', 'lang')).toBe('ko');
  await page.selectOption('#language', 'en');
  await until(async () => (await page.textContent('#keywords h2'))?.includes('Top keywords') === true);
  await page.reload();
  expect(await page.getAttribute('html', 'lang')).toBe('en');
});

test.each([
  { name: 'light', options: {} },
  { name: 'dark', options: { colorScheme: 'dark' } },
  { name: 'on a phone, in Korean', options: { locale: 'ko-KR', viewport: { width: 360, height: 740 } } },
] satisfies { name: string; options: Options }[])('axe finds nothing: $name', async ({ options }) => {
  await open({ ...options, bypassCSP: true }, signInLink());
  await untilLive();
  await page.waitForSelector('[data-book=stored]');
  await page.click('form.fields button');
  await page.waitForSelector('#series-total');
  await page.addScriptTag({ path: axeFile });
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
      };
    };
    const found = await axe.run();
    return found.violations.map(({ id, nodes }) => ({
      id,
      nodes: nodes.map(({ html, failureSummary }) => [html, failureSummary]),
    }));
  });
  expect(violations).toEqual([]);
  // Nothing is cut off at the side.
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
});
