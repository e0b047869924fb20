import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { badEvent, brokenText, type Dice } from './bad-json.ts';

/** A request that is valid HTTP, and to be refused. */
export interface BadRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string | Buffer;
}

const ingest = ['/api/events', '/api/users/events', '/api/events/batch'] as const;
const json = { 'content-type': 'application/json' };

const post = (path: string, body: string | Buffer, headers: Record<string, string> = json): BadRequest => ({
  method: 'POST',
  path,
  headers,
  body,
});

const good = '{"eventType":"CLICK","sessionId":"s","metadata":{"componentId":1}}';

function badBatch(dice: Dice): BadRequest {
  const events = Array.from({ length: 1 + dice.upTo(20) }, () => badEvent(dice));
  return dice.of([
    () => post(ingest[2], `[${events.join(',')}]`),
    () => post(ingest[2], `{"events":[${events.join(',')}]}`),
    () => post(ingest[2], events.join('\n'), { 'content-type': 'application/x-ndjson' }),
    () => post(ingest[2], '\n'.repeat(dice.upTo(100_000)), { 'content-type': 'application/x-ndjson' }),
    () => post(ingest[2], `[${'1,'.repeat(1000 + dice.upTo(100_000))}1]`),
    () => post(ingest[2], `{"events":[1],"__proto__":1}`),
    () => post(ingest[2], `{"events":[${good}],"sentAt":${dice.of(['1', 'null', '"now"', '{}'])}}`),
    () =>
      post(ingest[2], `${' \t\n'.repeat(dice.upTo(100_000))}1`, { 'content-type': 'application/x-ndjson' }),
    () => post(ingest[2], dice.of(['[]', '{}', '{"events":{}}', '{"events":null}', '7', '"x"', 'null'])),
  ])();
}

/** Not UTF-8: overlong, truncated, a surrogate's bytes, a byte that never occurs. */
const notUtf8 = [[0xc0, 0xaf], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xff], [0xf8, 0x88, 0x80, 0x80, 0x80]].map(
  (bytes) => Buffer.concat([Buffer.from('{"eventType":"CLICK'), Buffer.from(bytes), Buffer.from('"}')]),
);

const compressors = {
  gzip: gzipSync,
  'x-gzip': gzipSync,
  br: brotliCompressSync,
  deflate: deflateSync,
  zstd: zstdCompressSync,
};
const encodings = Object.keys(compressors) as (keyof typeof compressors)[];
const tooMuch = Buffer.alloc(9 << 20, ' ');
const bombs = encodings.map((encoding) => ({ encoding, bytes: compressors[encoding](tooMuch) }));

function badEncoding(dice: Dice): BadRequest {
  const path = dice.of(ingest);
  const encoding = dice.of(encodings);
  const packed = compressors[encoding](Buffer.from(badEvent(dice)));
  const as = (name: string) => ({ ...json, 'content-encoding': name });
  return dice.of([
    () => post(path, packed.subarray(0, dice.upTo(packed.length)), as(encoding)),
    () => post(path, Buffer.concat([packed.subarray(0, 3), Buffer.from('garbage')]), as(encoding)),
    () => post(path, badEvent(dice), as(encoding)),
    () =>
      post(path, packed, as(dice.of(['x-zstd', 'compress', 'gzip, gzip', 'identity, br', '__proto__', 'x']))),
    () => post(path, packed, as(encoding)),
    () => post(path, Buffer.concat([packed, Buffer.from('garbage')]), as(encoding)),
    () => post(path, gzipSync(packed), as('gzip')),
  ])();
}

const badQueries = [
  '/api/statistics',
  '/api/statistics?eventType=CLICK',
  '/api/statistics?eventType=CLICK&componentId=0',
  '/api/statistics?eventType=CLICK&componentId=1&componentId=2',
  '/api/statistics?eventType=CLICK&componentId=1&window=2h',
  '/api/statistics?eventType=__proto__&componentId=1',
  '/api/statistics?eventType=SEARCH&keyword=%00',
  '/api/statistics?eventType=SEARCH&keyword=%ED%A0%80&x=1',
  "/api/statistics?eventType=LIKE&postId=1'%20or%201=1--",
  '/api/statistics?eventType[]=CLICK&componentId=1',
  `/api/statistics?eventType=CLICK&componentId=1&${'a&'.repeat(2000)}`,
  `/api/statistics/keywords/top?${'limit=5&'.repeat(900)}`,
  `/api/statistics?eventType=SEARCH&keyword=a${'%CC%81%CC%96'.repeat(600)}`,
  `/api/statistics/timeseries?eventType=CLICK&interval=day&to=2026-01-01T00:00:00Z&from=2026-01-01T00:00:00.${'1'.repeat(7000)}Z`,
  '/api/statistics/keywords/top?limit=0',
  '/api/statistics/keywords/top?limit=101',
  '/api/statistics/keywords/top?limit=1e1',
  '/api/statistics/keywords/top?limit=-1',
  '/api/statistics/keywords/top?__proto__=1',
  '/api/statistics/posts/top?window=all&window=1h',
  '/api/statistics/components/top?eventType=SEARCH&window=x',
  '/api/statistics/timeseries?eventType=CLICK&from=x&to=y&interval=minute',
  '/api/statistics/timeseries?eventType=CLICK&from=1970-01-01T00:00:00Z&to=2026-01-01T00:00:00Z&interval=minute',
  '/api/statistics/timeseries?eventType=CLICK&from=2026-01-02T00:00:00Z&to=%2B275760-09-13T00:00:00Z&interval=day',
  '/api/posts/popular?limit=1000',
  '/api/posts/popular?window=2h',
  '/api/posts/0',
  '/api/posts/9007199254740993',
  '/api/posts/%00',
  '/api/posts/%E0%A4%A',
  '/api/posts/1e3',
  '/api/search?userId=1',
  '/api/search?keyword=a',
  '/api/search?userId=x&keyword=%00',
  '/api/search/recent/abc',
  '/api/search/recent/%2e%2e',
  '/api/search/recent/1?x=1',
  '/admin/dead-letters?limit=0',
  '/admin/dead-letters?from=x',
  '/admin/dead-letters?cursor=x',
  '/admin/dead-letters?eventType=NOTHING',
  '/admin/dead-letters?reason=%00',
  '/nothing',
  '/api/nothing',
  '/..%2f..%2fetc/passwd',
  '/assets/..%2f..%2fpackage.json',
  '/assets/%00',
  '/__proto__',
  '/constructor',
] as const;

const bodies = [
  'null',
  '[]',
  '7',
  '{"userId":"1","postId":2}',
  '{"userId":1e400,"postId":2}',
  '{"userId":1}',
  '{"userId":1,"postId":2,"__proto__":{}}',
  '{"userId":1,"content":"\\u0000"}',
  '{"userId":1,"content":"\\ud800"}',
  '{"userId":1,"content":""}',
  `{"userId":1,"content":"${'x'.repeat(10_001)}"}`,
  '{"userId":1,"content":"a","hashtags":"x"}',
  `{"userId":1,"content":"a","hashtags":[${Array(31).fill('"a"').join(',')}]}`,
  '{"userId":1,"content":"a","imageUrls":["javascript:alert(1)"]}',
  '{"ids":[]}',
  '{"ids":[0]}',
  '{"ids":[1],"filter":{}}',
  '{"filter":{"x":1}}',
  '{"filter":{"eventType":"X"}}',
  '{"ids":[1],"dryRun":"yes"}',
] as const;

const bodyRoutes = ['/api/posts', '/api/posts/like', '/admin/dead-letters/replay'] as const;

const wrongMethods = [
  ['GET', '/api/events'],
  ['PUT', '/api/events'],
  ['DELETE', '/api/events/batch'],
  ['PATCH', '/api/users/events'],
  ['POST', '/api/statistics'],
  ['DELETE', '/admin/ledger'],
  ['POST', '/healthz'],
  ['PROPFIND', '/readyz'],
  ['OPTIONS', '/api/events'],
  ['TRACE', '/api/events'],
] as const;

const wrongTypes = [
  '',
  'text/html',
  'application/xml',
  'multipart/form-data; boundary=x',
  'application/json; charset=utf-16',
];

/** One bad request of any kind. */
export function badRequest(dice: Dice): BadRequest {
  const kind = dice.upTo(100);
  if (kind < 35) return post(dice.of([ingest[0], ingest[1]]), badEvent(dice));
  if (kind < 50) return badBatch(dice);
  if (kind < 60) return post(dice.of(ingest), brokenText(dice));
  if (kind < 64) return post(dice.of(ingest), dice.of(notUtf8));
  if (kind < 74) return badEncoding(dice);
  if (kind < 75) return post(dice.of(ingest), Buffer.alloc((1 << 20) + 1 + dice.upTo(1000), '1'));
  if (kind < 76) {
    const { encoding, bytes } = dice.of(bombs);
    return post(dice.of(ingest), bytes, { ...json, 'content-encoding': encoding });
  }
  if (kind < 79) return post(dice.of(ingest), badEvent(dice), { 'content-type': dice.of(wrongTypes) });
  if (kind < 91) return { method: 'GET', path: dice.of(badQueries), headers: {} };
  if (kind < 97) return post(dice.of(bodyRoutes), dice.of([() => dice.of(bodies), () => brokenText(dice)])());
  const [method, path] = dice.of(wrongMethods);
  return { method, path, headers: {} };
}
