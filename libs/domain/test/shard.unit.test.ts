import { expect, test } from '@jest/globals';
import { shardOf } from '../src/index.ts';

// Workers of different releases fold side by side: a key that changed its shard would belong to two.
test.each([
  { key: 'component:0000000000001002', shard: 3 },
  { key: 'keyword:cat', shard: 7 },
  { key: 'keyword:고양이', shard: 6 },
  { key: 'keyword:🐈', shard: 4 },
  { key: 'post:0000000000000007', shard: 4 },
  { key: 'user:42', shard: 4 },
])('$key is where it always was', ({ key, shard }) => {
  expect(shardOf(key, 8)).toBe(shard);
});

test('neighbouring ids and keywords are spread over all shards alike', () => {
  for (const keyOf of [
    (n: number) => `post:${String(n).padStart(16, '0')}`,
    (n: number) => `keyword:keyword ${n}`,
  ]) {
    const sizes = new Array<number>(8).fill(0);
    for (let n = 0; n < 8000; n += 1) sizes[shardOf(keyOf(n), 8)]! += 1;
    for (const size of sizes) expect(Math.abs(size - 1000)).toBeLessThan(200);
  }
});
