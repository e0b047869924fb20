import type { ClientOptions } from './options.ts';
import { readVerdicts } from './read-verdicts.ts';

export interface Sent {
  /** As readVerdicts has them. */
  verdicts: ReturnType<typeof readVerdicts>;
  retryAfter: string | null;
  /** Why events are to be sent again. */
  cause: unknown;
}

/** Sends events, each as JSON, in one request. Never throws: no answer acknowledges nothing. */
export function createSendBatch(options: Required<ClientOptions>) {
  const { url, writeKey, requestTimeoutMs, fetch } = options;
  const route = `${url.replace(/\/+$/, '')}/api/events/batch`;
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (writeKey !== '') headers.authorization = `Bearer ${writeKey}`;

  return async (events: readonly string[], signal: AbortSignal): Promise<Sent> => {
    try {
      const response = await fetch(route, {
        method: 'POST',
        headers,
        body: `{"events":[${events.join(',')}]}`,
        signal: AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]),
      });
      const text = await response.text();
      return {
        verdicts: readVerdicts(response.status, parseJson(text), events.length),
        retryAfter: response.headers.get('retry-after'),
        cause: `the API answered ${response.status}`,
      };
    } catch (cause) {
      return { verdicts: undefined, retryAfter: null, cause };
    }
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
