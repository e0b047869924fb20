/**
 * The least that an endpoint of this kind can do in Node: read the body, parse it as JSON, answer 202. Nothing is
 * checked and nothing is kept.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

// As long as the real answer is.
const answer = '{"eventId":"0198c0de-0000-7000-8000-000000000000"}';
const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': answer.length };

const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    JSON.parse(Buffer.concat(chunks).toString());
    response.writeHead(202, headers).end(answer);
  });
});
server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
