/** What is no valid HTTP, or tries to hide a second request; it would send an event that is valid. */
const hiddenBody = '{"eventType":"CLICK","sessionId":"smuggled","metadata":{"componentId":1}}';
const hidden = `POST /api/events HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${hiddenBody.length}\r\n\r\n${hiddenBody}`;

const head = 'POST /api/events HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n';

export const badBytes: readonly { name: string; bytes: string }[] = [
  { name: 'no HTTP', bytes: 'hello\r\n\r\n' },
  { name: 'TLS', bytes: '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' },
  { name: 'HTTP/2', bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' },
  { name: 'no version', bytes: 'GET /healthz\r\n\r\n' },
  { name: 'a version that is none', bytes: 'GET /healthz HTTP/9.9\r\nhost: a\r\n\r\n' },
  { name: 'no host', bytes: 'GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n' },
  {
    name: 'a length and chunks',
    bytes: `${head}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
  },
  {
    name: 'chunks and a length',
    bytes: `${head}transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n0\r\n\r\n${hidden}`,
  },
  {
    name: 'two lengths',
    bytes: `${head}content-length: 0\r\ncontent-length: ${hidden.length}\r\n\r\n${hidden}`,
  },
  { name: 'lengths in a list', bytes: `${head}content-length: 0, ${hidden.length}\r\n\r\n${hidden}` },
  { name: 'a negative length', bytes: `${head}content-length: -1\r\n\r\n${hidden}` },
  { name: 'a length with a sign', bytes: `${head}content-length: +0\r\n\r\n${hidden}` },
  { name: 'a length in hex', bytes: `${head}content-length: 0x0\r\n\r\n${hidden}` },
  {
    name: 'a length beyond all numbers',
    bytes: `${head}content-length: 99999999999999999999\r\n\r\n${hidden}`,
  },
  {
    name: 'a coding that hides chunks',
    bytes: `${head}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}`,
  },
  {
    name: 'chunks that are not last',
    bytes: `${head}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n${hidden}`,
  },
  { name: 'a tab in a coding', bytes: `${head}transfer-encoding:\x0bchunked\r\n\r\n0\r\n\r\n${hidden}` },
  { name: 'a blank before the colon', bytes: `${head}content-length : 0\r\n\r\n${hidden}` },
  { name: 'a folded header', bytes: `${head}x: a\r\n b: c\r\ncontent-length : 0\r\n\r\n${hidden}` },
  { name: 'a NUL in a header', bytes: `${head}x: a\0b\r\n\r\n${hidden}` },
  { name: 'a bare CR in a header', bytes: `${head}x: a\rcontent-length: 0\r\n\r\n${hidden}` },
  { name: 'a chunk size that is none', bytes: `${head}transfer-encoding: chunked\r\n\r\nxyz\r\n${hidden}` },
  {
    name: 'a chunk size beyond all numbers',
    bytes: `${head}transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n${hidden}`,
  },
  {
    name: 'a chunk longer than it says',
    bytes: `${head}transfer-encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n${hidden}`,
  },
  {
    name: 'headers of 64 KiB',
    bytes: `GET /healthz HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(64 << 10)}\r\n\r\n`,
  },
  { name: '10,000 headers', bytes: `GET /healthz HTTP/1.1\r\nhost: a\r\n${'a:b\r\n'.repeat(10_000)}\r\n` },
  {
    name: 'a URL of 15 KiB',
    bytes: `GET /${'x'.repeat(15 << 10)} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`,
  },
  { name: 'a URL with a NUL', bytes: 'GET /\0 HTTP/1.1\r\nhost: a\r\n\r\n' },
  { name: 'a method that is none', bytes: 'STEAL /api/events HTTP/1.1\r\nhost: a\r\n\r\n' },
  { name: 'a tunnel', bytes: 'CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n' },
  { name: 'an expectation that is none', bytes: `${head}expect: wonders\r\nconnection: close\r\n\r\n` },
];

/** Never ends: the server has to hang up. */
export const slowBytes: readonly string[] = [
  '',
  'P',
  'GET /healthz HTTP/1.1\r\nhost: a\r\nx',
  `${head}content-length: 1000\r\n\r\n{"eventType":`,
  `${head}transfer-encoding: chunked\r\n\r\n5\r\nabc`,
  `${head}content-encoding: gzip\r\ncontent-length: 1000\r\n\r\n\x1f\x8b`,
];
