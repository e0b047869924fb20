import { startBrowser, startNginx, type TestNginx, until } from '@event-tracker/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { click, expectProblem, expectStatus, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

const token = 'the-token';
/** So that the dashboard shows nothing at all to who is not signed in. */
const keys = { API_KEYS: 'secret', WRITE_KEYS: 'write' };
const adminRoutes = [
  ['GET', '/admin/ledger'],
  ['GET', '/admin/lanes'],
  ['GET', '/admin/dead-letters'],
  ['POST', '/admin/dead-letters/replay'],
  ['GET', '/admin/queues'],
  ['GET', '/admin/queues/api/queues'],
  ['DELETE', '/admin/session'],
  ['GET', '/metrics'],
] as const;

const closers: (() => unknown)[] = [];
let tracker: Tracker;
let browser: Browser;

beforeAll(async () => {
  tracker = await startTracker({ worker: true, env: { ADMIN_TOKENS: token, METRICS_AUTH: 'admin' } });
  closers.push(() => tracker.stop());
  browser = await startBrowser();
  closers.push(() => browser.close());
}, 180_000);

afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

async function nginx(server: string): Promise<TestNginx> {
  const started = await startNginx(server);
  closers.push(() => started.stop());
  return started;
}

/** A page, and what went wrong on it: refused and failed requests, errors of scripts and policies. */
async function openPage(url: string): Promise<{ page: Page; wrong: string[] }> {
  const context = await browser.newContext();
  closers.push(() => context.close());
  const page = await context.newPage();
  const wrong: string[] = [];
  page.on('pageerror', (cause) => wrong.push(String(cause)));
  page.on('console', (line) => line.type() === 'error' && wrong.push(line.text()));
  page.on(
    'response',
    (response) => response.status() >= 400 && wrong.push(`${response.status()} ${response.url()}`),
  );
  await page.goto(url);
  return { page, wrong };
}

const untilLive = (page: Page) =>
  until(async () => (await page.getAttribute('.connection', 'data-state')) === 'live', {
    what: 'a live page',
  });
const onBoard = (page: Page) => page.getByText('events', { exact: true }).first().waitFor();

describe('a proxy that says nothing of itself: `proxy_pass` and no header', () => {
  let url: string;

  beforeAll(async () => {
    const api = await tracker.addApi(keys);
    url = (await nginx(`location / { proxy_pass ${api.url}; }`)).url;
  });

  test.each(adminRoutes)('%s %s asks strangers for a token', async (method, path) => {
    await expectProblem(fetch(url + path, { method }), 401);
  });

  test('every admin route is forbidden to all where no token is configured', async () => {
    const open = await tracker.addApi({ ADMIN_TOKENS: '' });
    const proxy = await nginx(`location / { proxy_pass ${open.url}; }`);
    for (const [method, path] of adminRoutes) {
      await expectProblem(fetch(proxy.url + path, { method }), 403);
      await expectProblem(fetch(open.url + path, { method }), 403);
    }
  });

  test('a link signs its owner in: no key is typed, and the token is in no address, storage or script', async () => {
    const { page, wrong } = await openPage(`${url}/#token=${token}`);
    await untilLive(page);
    await page.waitForSelector('[data-book=stored]');
    expect(page.url()).toBe(`${url}/`);
    expect(
      await page.evaluate('document.cookie + JSON.stringify([{ ...sessionStorage }, { ...localStorage }])'),
    ).toBe('[{},{}]');
    expect(await page.context().cookies()).toEqual([
      expect.objectContaining({ httpOnly: true, sameSite: 'Strict', path: '/', secure: false }),
    ]);
    await page.reload();
    await untilLive(page);
    await page.waitForSelector('[data-book=stored]');
    expect(wrong).toEqual([]);
  });

  test('a link to the queue board ends there, and the board works by the cookie, changes included', async () => {
    const { page, wrong } = await openPage(`${url}/#token=${token}&to=/admin/queues`);
    await page.waitForURL(`${url}/admin/queues`);
    await onBoard(page);
    const changed = await page.evaluate(async () => {
      const answers = ['pause', 'resume'].map(async (what) => {
        const answer = await fetch(`/admin/queues/api/queues/quarantine/${what}`, { method: 'PUT' });
        return answer.status;
      });
      return Promise.all(answers);
    });
    expect(changed).toEqual([200, 200]);
    expect(wrong).toEqual([]);
  });

  test('a link that is pasted over the address of the open page signs in, too; a token that is none says so', async () => {
    const { page } = await openPage(`${url}/#token=wrong`);
    await page.waitForSelector('dialog[open] .failure');
    expect(page.url()).toBe(`${url}/`);
    await page.evaluate(`location.hash = 'token=${token}'`);
    await page.waitForSelector('[data-book=stored]');
    expect(page.url()).toBe(`${url}/`);
  });

  test('a link leads nowhere else', async () => {
    const { page } = await openPage(`${url}/#token=${token}&to=//evil.example/`);
    await page.waitForSelector('[data-book=stored]');
    expect(page.url()).toBe(`${url}/`);
  });

  test('signed out, a browser is a stranger again', async () => {
    const { page } = await openPage(`${url}/#token=${token}`);
    await page.waitForSelector('[data-book=stored]');
    await page.click('header nav button');
    await page.click('dialog[open] button:not([type=submit]) >> nth=0');
    await page.waitForSelector('[data-book=stored]', { state: 'detached' });
    expect(await page.context().cookies()).toEqual([]);
  });
});

describe.each([
  ['strips', (api: string) => `location /et/ { proxy_pass ${api}/; }`],
  ['does not strip', (api: string) => `location /et { proxy_pass ${api}; }`],
])('under BASE_PATH=/et, behind a proxy that %s it', (_, server) => {
  let url: string;

  beforeAll(async () => {
    const api = await tracker.addApi({ ...keys, BASE_PATH: '/et' });
    url = `${(await nginx(server(api.url))).url}/et`;
  });

  test('the dashboard is live, and its cookie stays below the prefix', async () => {
    const { page, wrong } = await openPage(`${url}/#token=${token}`);
    await untilLive(page);
    await page.waitForSelector('[data-book=stored]');
    expect(await page.context().cookies()).toEqual([expect.objectContaining({ path: '/et' })]);
    await page.click('text=Queue board');
    await page.waitForURL(`${url}/admin/queues`);
    await onBoard(page);
    await page.goBack();
    await page.click('text=API reference');
    await page.waitForSelector('.opblock');
    expect(wrong).toEqual([]);
  });

  test('the page is found without the slash at its end', async () => {
    const { page, wrong } = await openPage(url);
    expect(page.url()).toBe(`${url}/`);
    expect(wrong.filter((line) => !line.includes('401'))).toEqual([]);
  });

  test('the API reference sends what is tried out below the prefix', async () => {
    const { page, wrong } = await openPage(`${url}/docs/`);
    await page.waitForSelector('.opblock');
    expect(page.url()).toBe(`${url}/docs`);
    await page.click('#operations-Operations-health .opblock-summary');
    await page.click('text=Try it out');
    const asked = page.waitForRequest((request) => request.url().endsWith('/healthz'));
    await page.click('text=Execute');
    expect((await asked).url()).toBe(`${url}/healthz`);
    expect(wrong).toEqual([]);
  });

  test('the script of a site sends its events there, and the answers name places below it', async () => {
    const { page } = await openPage(`${url}/docs`);
    const sent = page.waitForResponse((response) => response.url().includes('/api/events/batch'));
    await page.evaluate(`
      const script = document.createElement('script');
      script.src = '${url}/tracker.js';
      script.dataset.writeKey = 'write';
      document.head.append(script);
    `);
    const response = await sent;
    expect([new URL(response.url()).pathname, response.status()]).toEqual(['/et/api/events/batch', 202]);
    const headers = { authorization: 'Bearer secret' };
    const made = await post(`${url}/api/posts`, { userId: 1, content: 'x' }, headers);
    const { postId } = await expectStatus<{ postId: number }>(made, 201);
    expect(made.headers.get('location')).toBe(`/et/api/posts/${postId}`);
    await expectStatus(post(`${url}/api/events?x=1`, click(), headers), 202);
  });
});
