import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import {
  brotliCompress,
  constants,
  createZstdCompress,
  deflate,
  deflateRaw,
  gzip,
  zstdCompress,
} from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { click, expectProblem, expectStatus, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

const sentMax = 1_048_576;
const inflatedMax = 8_388_608;
/** By name, since `deflate` is understood with and without zlib's header. */
const compressors = {
  gzip: { encoding: 'gzip', compress: promisify(gzip) },
  'x-gzip': { encoding: 'x-gzip', compress: promisify(gzip) },
  br: { encoding: 'br', compress: promisify(brotliCompress) },
  deflate: { encoding: 'deflate', compress: promisify(deflate) },
  'raw deflate': { encoding: 'deflate', compress: promisify(deflateRaw) },
  zstd: { encoding: 'zstd', compress: promisify(zstdCompress) },
} as const;
const encodings = Object.keys(compressors) as (keyof typeof compressors)[];

let tracker: Tracker;

beforeAll(async () => {
  tracker = await startTracker();
});

afterAll(() => tracker.stop());

/** A valid body of exactly so many bytes. */
function paddedTo(bytes: number): string {
  return JSON.stringify(click()).padEnd(bytes, ' ');
}

describe.each(['/api/events', '/api/users/events', '/api/events/batch'])('POST %s', (route) => {
  const isBatch = route.endsWith('batch');
  const send = (body: unknown, headers?: Record<string, string>) =>
    post(`${tracker.url}${route}`, body, headers);
  const valid = JSON.stringify(isBatch ? [click()] : click());

  test.each(encodings)('takes a body in %s', async (name) => {
    const { encoding, compress } = compressors[name];
    const body = await compress(valid);
    await expectStatus(send(body, { 'content-encoding': encoding }), 202);
    await expectStatus(send(body, { 'content-encoding': encoding.toUpperCase() }), 202);
  });

  test('takes identity as no encoding', async () => {
    await expectStatus(send(valid, { 'content-encoding': 'identity' }), 202);
  });

  test.each(encodings)('refuses broken %s', async (name) => {
    const { encoding, compress } = compressors[name];
    const body = await compress(valid);
    const headers = { 'content-encoding': encoding };
    await expectProblem(send(body.subarray(0, -5), headers), 400);
    await expectProblem(send(valid, headers), 400);
    await expectProblem(send('', headers), 400);
    // What comes behind the end is not left unread: it may hold events.
    await expectProblem(send(Buffer.concat([body, Buffer.from('more')]), headers), 400);
  });

  test.each(['compress', 'x-unknown', 'gzip, br', 'x-zstd', '__proto__', 'x'.repeat(5000)])(
    'does not know the encoding %s',
    async (encoding) => {
      const answering = send(valid, { 'content-encoding': encoding });
      const problem = await expectProblem(answering, 415);
      expect((await answering).headers.get('accept-encoding')).toBe('gzip, x-gzip, br, deflate, zstd');
      expect(JSON.stringify(problem).length).toBeLessThan(1000);
    },
  );

  test.each([
    'text/html',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'json',
    '',
  ])('does not know the media type "%s"', async (type) => {
    await expectProblem(send(valid, { 'content-type': type }), 415);
  });

  test.each(['iso-8859-1', 'utf-16'])('refuses the charset %s', async (charset) => {
    await expectProblem(send(valid, { 'content-type': `application/json; charset=${charset}` }), 415);
  });

  test.each(['utf-8', 'UTF-8', '"utf-8"', 'utf8'])('knows the charset %s', async (charset) => {
    await expectStatus(send(valid, { 'content-type': `application/json; charset=${charset}` }), 202);
  });

  test('refuses what is not UTF-8', async () => {
    const body = Buffer.from(valid.replace('a session', '\u00e9'), 'latin1');
    expect((await expectProblem(send(body), 400)).detail).toMatch(/UTF-8/);
  });

  test('refuses an empty body', async () => {
    await expectProblem(send(''), 400);
  });
});

describe('a body', () => {
  const send = (body: unknown, headers?: Record<string, string>) =>
    post(`${tracker.url}/api/events`, body, headers);

  test('of 1 MiB is taken', async () => {
    await expectStatus(send(paddedTo(sentMax)), 202);
  });

  test('of a byte more is too large', async () => {
    await expectProblem(send(paddedTo(sentMax + 1)), 413);
  });

  test.each([1, 8 * sentMax])('that does not say its length, %d bytes more, is too large', async (more) => {
    const chunks = [paddedTo(sentMax), ' '.repeat(more)].map((chunk) => Buffer.from(chunk));
    const request: RequestInit & { duplex: 'half' } = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: ReadableStream.from(chunks) as NonNullable<RequestInit['body']>,
      duplex: 'half',
    };
    await expectProblem(fetch(`${tracker.url}/api/events`, request), 413);
  });

  test.each(encodings)('of 8 MiB in %s is taken, of a byte more it is too large', async (name) => {
    const { encoding, compress } = compressors[name];
    const headers = { 'content-encoding': encoding };
    await expectStatus(send(await compress(paddedTo(inflatedMax)), headers), 202);
    await expectProblem(send(await compress(paddedTo(inflatedMax + 1)), headers), 413);
  });

  test.each(['gzip', 'zstd'] as const)('of %s may have several parts: none is left unread', async (name) => {
    const { encoding, compress } = compressors[name];
    const part = await compress(`${JSON.stringify(click())}\n`);
    const lines = (parts: number) =>
      post(`${tracker.url}/api/events/batch`, Buffer.concat(Array<Buffer>(parts).fill(part)), {
        'content-encoding': encoding,
        'content-type': 'application/x-ndjson',
      });
    for (const parts of [2, 100])
      expect(await expectStatus(lines(parts), 202)).toMatchObject({ accepted: parts });
    if (name === 'zstd') expect((await expectProblem(lines(101), 400)).detail).toMatch(/goes on/);
  });

  test.each([
    [23, 202],
    [24, 413],
  ])('of zstd with a window of 2^%d bytes is answered with %d', async (windowLog, status) => {
    // One that is not known to be short keeps the window that was asked for, and its reader the memory for it.
    const compressor = createZstdCompress({ params: { [constants.ZSTD_c_windowLog]: windowLog } });
    const body = buffer(compressor);
    compressor.write(JSON.stringify(click()));
    compressor.flush();
    compressor.end();
    const answer = await send(await body, { 'content-encoding': 'zstd' });
    expect({ status: answer.status, text: await answer.text() }).toMatchObject({ status });
  });

  test('is measured as sent, too, when it is compressed', async () => {
    const body = await compressors.gzip.compress(randomBytes(sentMax));
    await expectProblem(send(body, { 'content-encoding': 'gzip' }), 413);
  });

  test('may begin with a byte order mark', async () => {
    await expectStatus(send(`\ufeff${JSON.stringify(click())}`), 202);
  });

  test('that is much too large is answered, although its client still sends', async () => {
    const bodies = Array.from({ length: 4 }, () => paddedTo(8 * sentMax));
    await Promise.all(bodies.map((body) => expectProblem(send(body), 413)));
    await expectStatus(send(click()), 202);
  });
});
