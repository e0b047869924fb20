import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { expectProblem, send } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

let tracker: Tracker;
/** Path of the page's script, as the page names it. */
let script: string;

beforeAll(async () => {
  tracker = await startTracker({ env: { API_KEYS: 'secret', ADMIN_TOKENS: 'admin' } });
  const page = await (await fetch(`${tracker.url}/`)).text();
  script = /<script[^>]* src="\.?([^"]+\.js)"/.exec(page)![1]!;
});

afterAll(() => tracker.stop());

const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${tracker.url}${path}`, { method, headers });

test('the page needs no key, and is asked for anew each time', async () => {
  const response = await ask('/');
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(response.headers.get('cache-control')).toBe('no-cache');
  const again = await send(`${tracker.url}/`, { 'if-none-match': response.headers.get('etag')! });
  expect([again.status, await again.text()]).toEqual([304, '']);
});

test('what the page is made of carries a digest in its name, and is kept for ever', async () => {
  expect(script).toMatch(/^\/assets\/[\w-]+-[\w-]{8}\.js$/);
  const response = await ask(script);
  expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
});

test('everything the page names is there', async () => {
  const page = await (await ask('/')).text();
  const named = [...page.matchAll(/(?:href|src)="\.?(\/[^"]+)"/g)].map(([, path]) => path!);
  expect(named.length).toBeGreaterThanOrEqual(3);
  for (const path of named) expect([path, (await ask(path)).status]).toEqual([path, 200]);
});

describe('compression', () => {
  const encoded = async (accepted: string) => {
    const answer = await send(`${tracker.url}${script}`, { 'accept-encoding': accepted });
    return answer.headers.get('content-encoding');
  };

  test('goes by what the client accepts, brotli first', async () => {
    expect(await encoded('gzip, deflate, br')).toBe('br');
    expect(await encoded('gzip')).toBe('gzip');
    expect(await encoded('identity')).toBe(null);
    expect(await encoded('br;q=0, gzip;q=0')).toBe(null);
    expect((await ask(script)).headers.get('vary')).toBe('Accept-Encoding');
  });

  test('changes nothing of the content', async () => {
    const plain = await raw('identity');
    expect(brotliDecompressSync(await raw('br')).equals(plain)).toBe(true);
    expect(gunzipSync(await raw('gzip')).equals(plain)).toBe(true);
  });

  /** As it is sent: `fetch` would decompress it. */
  const raw = (accepted: string) =>
    new Promise<Buffer>((resolve, reject) => {
      const headers = { 'accept-encoding': accepted };
      request(`${tracker.url}${script}`, { headers, agent: false }, (answer) => {
        buffer(answer).then(resolve, reject);
      })
        .on('error', reject)
        .end();
    });
});

test('the policy lets the page load its own files and nothing else, and run no inline script or style', async () => {
  const policy = (await ask('/')).headers.get('content-security-policy')!;
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|data:|\*/);
  expect(await (await ask('/')).text()).not.toMatch(/<script(?![^>]* src=)|<style|\son\w+=|\sstyle=/);
});

test('GET and HEAD alone', async () => {
  for (const path of ['/', script]) {
    const response = await ask(path, {}, 'POST');
    expect(response.headers.get('allow')).toBe('GET, HEAD');
    await expectProblem(response, 405);
    const head = await ask(path, {}, 'HEAD');
    expect([head.status, await head.text()]).toEqual([200, '']);
  }
});

test.each([
  '/assets/nothing.js',
  '/assets/../index.html.br',
  '/assets/%2e%2e%2findex.html',
  '/index.html.br',
])('%s is no route', async (path) => {
  await expectProblem(send(`${tracker.url}${path}`, {}), 404);
});
