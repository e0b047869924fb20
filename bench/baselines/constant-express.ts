/**
 * The least that a read can cost in Express: a route that answers a constant. BODIES: a JSON array of the constants; the
 * one at index n is answered by /n.
 */
import type { AddressInfo } from 'node:net';
import express from 'express';

const app = express();
app.disable('x-powered-by');
app.disable('etag');
for (const [index, body] of (JSON.parse(process.env.BODIES!) as unknown[]).entries())
  app.get(`/${index}`, (_request, response) => void response.json(body));

const server = app.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
server.keepAliveTimeout = 65_000;
