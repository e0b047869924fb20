import type { RequestListener, ServerResponse } from 'node:http';
import { type Counter, type Histogram, latencyBounds, type Metrics } from '@event-tracker/runtime';

interface RouteSeries {
  seconds: Histogram;
  byStatus: (Counter | undefined)[];
}

const beganAt = Symbol('beganAt');
type TimedResponse = ServerResponse & { [beganAt]?: number };

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'];

/**
 * Counts every request that is answered, by its route's pattern: a URL is the client's to choose. One listener serves
 * all answers, and the usual route costs three look-ups and two additions.
 */
export function countRequests(
  listener: RequestListener,
  { metrics, exactPaths }: { metrics: Metrics; exactPaths: ReadonlySet<string> },
): RequestListener {
  const answered = metrics.counter({
    name: 'http_requests_total',
    help: 'Requests that were answered, by route and status.',
    labels: ['method', 'route', 'status'],
  });
  const seconds = metrics.histogram({
    name: 'http_request_seconds',
    help: 'From the head of a request to the end of its answer.',
    labels: ['method', 'route'],
    bounds: latencyBounds,
  });
  const known = new Map<string, Map<string, RouteSeries>>();

  function seriesOf(method: string, route: string): RouteSeries {
    let routes = known.get(method);
    if (routes === undefined) {
      routes = new Map();
      known.set(method, routes);
    }
    let series = routes.get(route);
    if (series === undefined) {
      series = { seconds: seconds.of(method, route), byStatus: [] };
      routes.set(route, series);
    }
    return series;
  }

  function finished(this: TimedResponse): void {
    const method = methods.includes(this.req.method!) ? this.req.method! : 'other';
    const route = exactPaths.has(this.req.url!) ? this.req.url! : patternOf(this.req);
    const series = seriesOf(method, route);
    series.seconds.observe((performance.now() - this[beganAt]!) / 1000);
    let count = series.byStatus[this.statusCode];
    if (count === undefined) {
      count = answered.of(method, route, String(this.statusCode));
      series.byStatus[this.statusCode] = count;
    }
    count.add();
  }

  return (request, response: TimedResponse) => {
    response[beganAt] = performance.now();
    response.on('finish', finished);
    listener(request, response);
  };

  /** As Express leaves it on a request. Its own part is a pattern, the mounted part was spelt by the client. */
  function patternOf(request: ServerResponse['req']): string {
    const { baseUrl = '', route } = request as { baseUrl?: string; route?: { path: unknown } };
    if (route !== undefined) {
      const own = route.path === '/' && baseUrl !== '' ? '' : String(route.path);
      return baseUrl.toLowerCase() + own;
    }
    const path = request.url!.split('?', 1)[0]!;
    return exactPaths.has(path) ? path : 'other';
  }
}
