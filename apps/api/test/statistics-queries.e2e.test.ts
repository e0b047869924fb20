import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { expectProblem, expectStatus, pathsOf } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

let tracker: Tracker;

beforeAll(async () => {
  tracker = await startTracker();
});

afterAll(() => tracker.stop());

const ask = (path: string) => fetch(`${tracker.url}${path}`);

const click = 'eventType=CLICK&componentId=1';

describe('GET /api/statistics', () => {
  test.each([
    ['', ['eventType']],
    ['eventType=', ['eventType']],
    ['eventType=SHARE', ['eventType']],
    ['eventType=CLICK', ['componentId']],
    ['eventType=CLICK&postId=1&keyword=x', ['componentId']],
    ['eventType=PAGE_VIEW', ['componentId']],
    ['eventType=SEARCH&componentId=1001', ['keyword']],
    ['eventType=LIKE&componentId=1003', ['postId']],
    ['eventType=UNLIKE', ['postId']],
    ['eventType=CLICK&componentId=0', ['componentId']],
    ['eventType=CLICK&componentId=-1', ['componentId']],
    ['eventType=CLICK&componentId=1.0', ['componentId']],
    ['eventType=CLICK&componentId=1e3', ['componentId']],
    ['eventType=CLICK&componentId=0x10', ['componentId']],
    ['eventType=CLICK&componentId=', ['componentId']],
    ['eventType=CLICK&componentId=9007199254740992', ['componentId']],
    ['eventType=CLICK&componentId=99999999999999999999', ['componentId']],
    ['eventType=LIKE&postId=x', ['postId']],
    ['eventType=SEARCH&keyword=', ['keyword']],
    ['eventType=SEARCH&keyword=%20%09', ['keyword']],
    ['eventType=SEARCH&keyword=%00', ['keyword']],
    [`eventType=SEARCH&keyword=${'x'.repeat(101)}`, ['keyword']],
    [`${click}&window=2h`, ['window']],
    [`${click}&window=`, ['window']],
    [`${click}&window=ALL`, ['window']],
    [`${click}&limit=5`, ['limit']],
    [`${click}&componentID=5`, ['componentID']],
    [`${click}&window[]=1h`, ['window[]']],
    [`${click}&__proto__=1`, ['__proto__']],
    [`${click}&window=1h&window=1h`, ['window']],
    [`${click}&componentId=1`, ['componentId']],
    ['eventType=CLICK&eventType=CLICK&componentId=1', ['eventType']],
    ['eventType=SEARCH&keyword=a&keyword=b', ['keyword']],
    ['eventType=SHARE&window=1d&postId=0&x=1', ['eventType', 'postId', 'window', 'x']],
  ])('?%s is refused', async (query, paths) => {
    expect(pathsOf(await expectProblem(ask(`/api/statistics?${query}`), 400))).toEqual(paths);
  });

  test.each([
    click,
    'eventType=PAGE_VIEW&componentId=9007199254740991',
    'eventType=SEARCH&keyword=%EA%B3%A0%EC%96%91%EC%9D%B4',
    `eventType=SEARCH&keyword=${encodeURIComponent('🐈'.repeat(100))}`,
    'eventType=LIKE&postId=1&window=24h',
    'eventType=UNLIKE&postId=1&window=all',
  ])('?%s counts nothing where nothing was', async (query) => {
    expect(await expectStatus(ask(`/api/statistics?${query}`), 200)).toEqual({ count: 0 });
  });
});

describe('GET /api/statistics/keywords/top', () => {
  test.each([
    ['limit=0', ['limit']],
    ['limit=101', ['limit']],
    ['limit=-1', ['limit']],
    ['limit=1.5', ['limit']],
    ['limit=', ['limit']],
    ['limit=ten', ['limit']],
    ['limit=5&limit=5', ['limit']],
    ['window=30d', ['window']],
    ['window=1h&window=5m', ['window']],
    ['eventType=SEARCH', ['eventType']],
    ['limit=0&window=x&y=z', ['limit', 'window', 'y']],
  ])('?%s is refused', async (query, paths) => {
    expect(pathsOf(await expectProblem(ask(`/api/statistics/keywords/top?${query}`), 400))).toEqual(paths);
  });

  test.each(['1m', '5m', '15m', '1h', '6h', '24h', 'all'])('a window of %s is named', async (window) => {
    const answer = ask(`/api/statistics/keywords/top?window=${window}&limit=100`);
    expect(await expectStatus(answer, 200)).toEqual({ window, keywords: [] });
  });

  test('the window is an hour unless it is said', async () => {
    const answer = ask('/api/statistics/keywords/top');
    expect(await expectStatus(answer, 200)).toEqual({ window: '1h', keywords: [] });
  });
});

describe.each(['posts', 'components'])('GET /api/statistics/%s/top', (ranked) => {
  test.each([
    ['limit=0', ['limit']],
    ['limit=101', ['limit']],
    ['limit=5&limit=5', ['limit']],
    ['window=30d', ['window']],
    ['window=1h&window=1h', ['window']],
    ['postId=1', ['postId']],
    ['limit=0&window=x&y=z', ['limit', 'window', 'y']],
  ])('?%s is refused', async (query, paths) => {
    expect(pathsOf(await expectProblem(ask(`/api/statistics/${ranked}/top?${query}`), 400))).toEqual(paths);
  });

  test.each(['1m', '5m', '15m', '1h', '6h', '24h', 'all'])('a window of %s is named', async (window) => {
    const answer = ask(`/api/statistics/${ranked}/top?window=${window}&limit=100`);
    expect(await expectStatus(answer, 200)).toEqual({ window, [ranked]: [] });
  });
});

test.each(['SEARCH', 'LIKE', 'UNLIKE', 'SHARE', '', 'CLICK&eventType=CLICK'])(
  'components are not ranked by %s',
  async (eventType) => {
    const answer = ask(`/api/statistics/components/top?eventType=${eventType}&window=2h`);
    expect(pathsOf(await expectProblem(answer, 400))).toEqual(['eventType', 'window']);
  },
);

describe('GET /api/statistics/timeseries', () => {
  const range = 'from=2026-11-01T00:00:00Z&to=2026-11-02T00:00:00Z';
  const whole = `eventType=CLICK&interval=hour&${range}`;

  test.each([
    ['', ['eventType', 'from', 'interval', 'to']],
    [`eventType=CLICK&${range}`, ['interval']],
    [`eventType=CLICK&interval=week&${range}`, ['interval']],
    [`interval=hour&${range}`, ['eventType']],
    ['eventType=CLICK&interval=hour&from=2026-11-01T00:00:00Z', ['to']],
    ['eventType=CLICK&interval=hour&from=2026-11-01&to=2026-11-02', ['from', 'to']],
    ['eventType=CLICK&interval=hour&from=2026-11-01T00:00:00&to=2026-11-02T00:00:00Z', ['from']],
    ['eventType=CLICK&interval=hour&from=2026-11-01T00:00:00+00:00&to=2026-11-02T00:00:00Z', ['from']],
    ['eventType=CLICK&interval=hour&from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z', ['to']],
    ['eventType=CLICK&interval=hour&from=2026-11-01T00:00:00Z&to=2026-11-01T00:00:00Z', ['to']],
    ['eventType=CLICK&interval=minute&from=2026-11-01T00:00:00Z&to=2026-11-02T09:21:00Z', ['to']],
    ['eventType=CLICK&interval=day&from=0001-01-01T00:00:00Z&to=9999-12-31T00:00:00Z', ['to']],
    [`${whole}&from=2026-11-01T00:00:00Z`, ['from']],
    [`${whole}&interval=hour`, ['interval']],
    [`${whole}&window=1h`, ['window']],
    [`${whole}&limit=5`, ['limit']],
    [`${whole}&postId=0&keyword=%20&componentId=x`, ['componentId', 'keyword', 'postId']],
    [
      'eventType=SHARE&interval=day&from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z&x=1',
      ['eventType', 'to', 'x'],
    ],
  ])('?%s is refused', async (query, paths) => {
    expect(pathsOf(await expectProblem(ask(`/api/statistics/timeseries?${query}`), 400))).toEqual(paths);
  });

  test.each(['CLICK', 'page_view', 'SEARCH', 'LIKE', 'UNLIKE'])('%s needs no filter', async (eventType) => {
    const answer = ask(`/api/statistics/timeseries?eventType=${eventType}&interval=day&${range}`);
    const points = [{ at: '2026-11-01T00:00:00.000Z', count: 0 }];
    expect(await expectStatus(answer, 200)).toEqual({ interval: 'day', points });
  });

  test('a range before 1970 is a range like any other', async () => {
    const query = 'eventType=CLICK&interval=day&from=1969-12-30T23:00:00Z&to=1970-01-01T01:00:00Z';
    const points = ['1969-12-30', '1969-12-31'].map((date) => ({ at: `${date}T00:00:00.000Z`, count: 0 }));
    const answer = ask(`/api/statistics/timeseries?${query}`);
    expect(await expectStatus(answer, 200)).toEqual({ interval: 'day', points });
  });
});

describe('GET /api/search/recent/{userId}', () => {
  test.each(['0', '-1', '1.5', 'me', '9007199254740992', '1%20'])('%s is no user', async (userId) => {
    expect(pathsOf(await expectProblem(ask(`/api/search/recent/${userId}`), 400))).toEqual(['userId']);
  });

  test('takes no parameters', async () => {
    expect(pathsOf(await expectProblem(ask('/api/search/recent/1?limit=5'), 400))).toEqual(['limit']);
  });

  test('the greatest user has searched for nothing', async () => {
    const answer = ask('/api/search/recent/9007199254740991');
    expect(await expectStatus(answer, 200)).toEqual({ keyword: [] });
  });
});

test('while no worker keeps the views PostgreSQL answers', async () => {
  for (const path of [`/api/statistics?${click}`, '/api/statistics/keywords/top', '/api/search/recent/1']) {
    const response = await ask(path);
    await expectStatus(response, 200);
    expect(response.headers.get('x-served-by')).toBe('postgres');
  }
});

test('a missing filter is listed together with what else is wrong', async () => {
  const response = await fetch(`${tracker.url}/api/statistics?eventType=SEARCH&window=2h&colour=red`);
  const { errors } = (await response.json()) as { errors: { path: string }[] };
  expect(errors.map(({ path }) => path).sort()).toEqual(['colour', 'keyword', 'window']);
});
