import type { RequestListener } from 'node:http';

/**
 * Takes the public prefix off a request's path where the proxy in front has left it there. Without it a request is answered
 * all the same: the proxy took it off, or a probe comes from this side of the proxy.
 */
export function atBasePath(basePath: string, next: RequestListener): RequestListener {
  if (basePath === '') return next;
  return (request, response) => {
    const url = request.url!;
    if (url.startsWith(basePath)) {
      const rest = url.slice(basePath.length);
      if (rest === '' || rest.startsWith('?')) {
        // Relative links of the page are about what is below it.
        response.writeHead(308, { location: `${basePath}/${rest}` }).end();
        return;
      }
      if (rest.startsWith('/')) request.url = rest;
    }
    next(request, response);
  };
}
