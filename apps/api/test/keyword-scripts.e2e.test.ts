import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { expectStatus, get, post, soon } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

/** As they are sent, and as they are answered. */
const spellings: [sent: string, answered: string][] = [
  ['고양이', '고양이'],
  // Jamo by jamo, as some file systems and input methods give them.
  ['고양이'.normalize('NFD').concat(' 사진'), '고양이 사진'],
  ['Cafe\u0301', 'caf\u00e9'],
  ['🐈‍⬛', '🐈‍⬛'],
  ['👩‍👩‍👧‍👦 Family', '👩‍👩‍👧‍👦 family'],
  ['שלום עולם', 'שלום עולם'],
  ['مرحبا\u00a0بالعالم', 'مرحبا بالعالم'],
  ['ΟΔΟΣ', 'οδος'.replace(/σ$/, 'ς')],
  ['İSTANBUL', 'istanbul'],
  ['ＣＡＴ', 'cat'],
  ['ｶﾞﾝﾀﾞﾑ', 'ガンダム'],
  ['ㅋㅋ', 'ㅋㅋ'],
  ['hid\u200bden\ufeff', 'hidden'],
  ['❤\ufe0f\u200d🔥', '❤\ufe0f\u200d🔥'],
  ['नमस्ते', 'नमस्ते'],
  ['  東京\t タワー  ', '東京 タワー'],
  ['q\u0323\u0307', 'q\u0323\u0307'],
  ['\u{20bb7}野家', '\u{20bb7}野家'],
];

let tracker: Tracker;
const answered = spellings.map(([, keyword]) => keyword);

beforeAll(async () => {
  tracker = await startTracker({ worker: true, env: { VIEW_MEMBERS_MAX: '10' } });
  const events = spellings.map(([keyword]) => ({
    eventType: 'SEARCH',
    userId: 1,
    sessionId: 's',
    metadata: { componentId: 1001, keyword },
  }));
  await expectStatus(post(`${tracker.url}/api/events/batch`, events), 202);
});

afterAll(() => tracker.stop());

test('keywords of any script come back as they went in, normalised; a fuller bucket than views keep is answered by PostgreSQL', async () => {
  const byCodePoint = answered.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const keywords = byCodePoint.map((keyword) => ({ keyword, count: 1 }));
  await soon(async () =>
    expect(await get(`${tracker.url}/api/statistics/keywords/top`, { limit: 100 })).toEqual({
      body: { window: '1h', keywords },
      servedBy: 'postgres',
    }),
  );
});

test.each(spellings)('%j is counted, by any of its spellings', async (sent, keyword) => {
  for (const asked of [sent, keyword, keyword.normalize('NFD')])
    expect(await get(`${tracker.url}/api/statistics`, { eventType: 'SEARCH', keyword: asked })).toEqual({
      body: { count: 1 },
      servedBy: 'postgres',
    });
});

test('a series by any keyword is its own', async () => {
  const range = {
    from: new Date(Date.now() - 86_400_000).toISOString(),
    to: new Date(Date.now() + 86_400_000).toISOString(),
  };
  for (const keyword of answered) {
    const query = { eventType: 'SEARCH', keyword, interval: 'day', ...range };
    const { body } = await get<{ points: { count: number }[] }>(
      `${tracker.url}/api/statistics/timeseries`,
      query,
    );
    expect(body.points.reduce((sum, { count }) => sum + count, 0)).toBe(1);
  }
});
