import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { expectProblem, expectStatus, pathsOf, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

let tracker: Tracker;
let database: pg.Client;

beforeAll(async () => {
  tracker = await startTracker();
  database = new pg.Client(tracker.databaseUrl);
  await database.connect();
});

afterAll(async () => {
  await database?.end();
  await tracker?.stop();
});

interface Post {
  postId: number;
  userId: number;
  content: string;
  imageUrls: string[];
  hashtags: string[];
  createdAt: string;
  updatedAt: string;
  likeCount: number;
}

const create = (body: object) => post(`${tracker.url}/api/posts`, body);
const read = (postId: number | string) => fetch(`${tracker.url}/api/posts/${postId}`);

test('a post comes back as it was made, at the address that its answer names', async () => {
  const began = Date.now();
  const response = await create({
    userId: 42,
    content: ' "고양이"\\ {1,2}\n🐈 ',
    imageUrls: ['https://example.org/a.png', 'http://example.org/{b},"c"'],
    hashtags: ['  Big   CAT ', '고양이', 'big cat', 'a,b', '"x"', '\\'],
  });
  const made = await expectStatus<Post>(response, 201);
  expect(made).toEqual({
    postId: expect.any(Number),
    userId: 42,
    content: ' "고양이"\\ {1,2}\n🐈 ',
    imageUrls: ['https://example.org/a.png', 'http://example.org/{b},"c"'],
    hashtags: ['big cat', '고양이', 'a,b', '"x"', '\\'],
    createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]+\.\d{3}Z$/),
    updatedAt: made.createdAt,
    likeCount: 0,
  });
  expect(Math.abs(Date.parse(made.createdAt) - began)).toBeLessThan(10_000);
  expect(response.headers.get('location')).toBe(`/api/posts/${made.postId}`);
  expect(await expectStatus(fetch(new URL(response.headers.get('location')!, tracker.url)), 200)).toEqual(
    made,
  );
  const { rows } = await database.query(
    'select user_id, content, image_urls, hashtags, created_at, updated_at from post where post_id = $1',
    [made.postId],
  );
  expect(rows[0]).toMatchObject({ user_id: '42', image_urls: made.imageUrls, hashtags: made.hashtags });
});

test('one image may be given as a string, and images and hashtags may be absent', async () => {
  const one = await expectStatus<Post>(
    create({ userId: 1, content: 'x', imageUrls: 'https://example.org/a.png' }),
    201,
  );
  expect(one.imageUrls).toEqual(['https://example.org/a.png']);
  const none = await expectStatus<Post>(create({ userId: 1, content: 'x' }), 201);
  expect(none).toMatchObject({ imageUrls: [], hashtags: [] });
  expect(none.postId).toBeGreaterThan(one.postId);
});

test('the largest post is taken, in code points', async () => {
  const body = {
    userId: Number.MAX_SAFE_INTEGER,
    content: '🐈'.repeat(10_000),
    imageUrls: Array.from({ length: 10 }, (_, at) => `https://example.org/${at}`),
    hashtags: Array.from({ length: 30 }, (_, at) => `${'🐈'.repeat(98)}${String(at).padStart(2, '0')}`),
  };
  const made = await expectStatus<Post>(create(body), 201);
  expect(await expectStatus(read(made.postId), 200)).toMatchObject({ ...body, likeCount: 0 });
});

test('every fault of a post is told by its path', async () => {
  const bad = await expectProblem(
    create({
      content: '',
      imageUrls: ['https://example.org', '/relative', 7, 'javascript:alert(1)'],
      hashtags: ['fine', ' ', 'x'.repeat(101)],
      likeCount: 3,
    }),
    400,
  );
  expect(pathsOf(bad)).toEqual([
    'content',
    'hashtags[1]',
    'hashtags[2]',
    'imageUrls[1]',
    'imageUrls[2]',
    'imageUrls[3]',
    'likeCount',
    'userId',
  ]);
  const ok = { userId: 1, content: 'x' };
  for (const [path, fault] of Object.entries({
    content: 'x'.repeat(10_001),
    imageUrls: Array.from({ length: 11 }, () => 'https://example.org'),
    hashtags: Array.from({ length: 31 }, (_, at) => `tag ${at}`),
    userId: 2 ** 53,
  }))
    expect(pathsOf(await expectProblem(create({ ...ok, [path]: fault }), 400))).toEqual([path]);
  for (const path of ['imageUrls', 'hashtags'])
    expect(pathsOf(await expectProblem(create({ ...ok, [path]: null }), 400))).toEqual([path]);
  for (const imageUrls of ['/relative', 'javascript:alert(1)'])
    expect(pathsOf(await expectProblem(create({ ...ok, imageUrls }), 400))).toEqual(['imageUrls']);
  for (const content of ['a\u0000b', '\ud83d'])
    expect(pathsOf(await expectProblem(create({ ...ok, content }), 400))).toEqual(['content']);
});

test('there is no such post', async () => {
  await expectProblem(read(Number.MAX_SAFE_INTEGER), 404);
  for (const id of ['0', 'x', '9007199254740992', '1.5']) await expectProblem(read(id), 400);
  await expectProblem(fetch(`${tracker.url}/api/posts/1`, { method: 'DELETE' }), 405);
  await expectProblem(fetch(`${tracker.url}/api/posts`), 405);
});

test('a post shows its likes, those of before it was there too', async () => {
  const { postId } = await expectStatus<Post>(create({ userId: 1, content: 'x' }), 201);
  const like = (id: number, userId: number) =>
    expectStatus(fetch(`${tracker.url}/api/posts/${id}/likes/${userId}`, { method: 'PUT' }), 200);
  await like(postId, 1);
  await like(postId, 2);
  expect(await expectStatus(read(postId), 200)).toMatchObject({ likeCount: 2 });

  const next = postId + 1;
  await like(next, 1);
  expect(await expectStatus(create({ userId: 1, content: 'y' }), 201)).toMatchObject({
    postId: next,
    likeCount: 1,
  });
});

test('what is kept beside the posts follows whoever writes them', async () => {
  const kept = async (postId: number) => {
    const { rows } = await database.query(
      `select has_post, likes::int, (select array_agg(hashtag order by hashtag) from post_hashtag h
         where h.post_id = like_count.post_id and h.tier = like_count.tier) as hashtags
       from like_count where post_id = $1`,
      [postId],
    );
    return rows[0];
  };
  const { postId } = await expectStatus<Post>(create({ userId: 1, content: 'x', hashtags: ['b', 'a'] }), 201);
  expect(await kept(postId)).toEqual({ has_post: true, likes: 0, hashtags: ['a', 'b'] });
  await expectStatus(fetch(`${tracker.url}/api/posts/${postId}/likes/1`, { method: 'PUT' }), 200);
  expect(await kept(postId)).toEqual({ has_post: true, likes: 1, hashtags: ['a', 'b'] });
  await database.query("update post set hashtags = '{b,c}' where post_id = $1", [postId]);
  expect(await kept(postId)).toEqual({ has_post: true, likes: 1, hashtags: ['b', 'c'] });
  await database.query('delete from post where post_id = $1', [postId]);
  expect(await kept(postId)).toEqual({ has_post: false, likes: 1, hashtags: null });
});

test('a repeated or unknown parameter of a ranking or a search is told', async () => {
  const refused = async (path: string) =>
    pathsOf(await expectProblem(fetch(`${tracker.url}/api/${path}`), 400));
  expect(await refused('posts/popular?window=6h&limit=0&x=1')).toEqual(['limit', 'window', 'x']);
  expect(await refused('posts/popular?limit=1&limit=2')).toEqual(['limit']);
  expect(await refused('posts/popular?limit=101')).toEqual(['limit']);
  expect(await refused('search')).toEqual(['keyword', 'userId']);
  expect(await refused('search?userId=0&keyword=%20&limit=1e1')).toEqual(['keyword', 'limit', 'userId']);
});
