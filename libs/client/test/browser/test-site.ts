import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A site of its own origin, each of whose pages holds the same script tag. */
export async function startTestSite(scriptTag: string): Promise<{ url: string; close(): Promise<void> }> {
  const page = `<!doctype html><html lang="en"><head><title>A page</title></head><body>
<button id="plain">not tracked</button>
<button data-track="buy"><b id="inside">tracked</b></button>
<button data-track id="by-id">tracked by its id</button>
<a id="away" href="/elsewhere" data-track="away">elsewhere</a>
${scriptTag}</body></html>`;
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
