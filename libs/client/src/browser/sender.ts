import { type FieldError, readVerdicts, type Verdict } from '../read-verdicts.ts';
import { retryDelay } from '../retry-delay.ts';
import type { EventStore } from './event-store.ts';

/** Sends what the store holds, whichever tab put it there. */
export interface Sender {
  /** Sends in so many milliseconds, or later where the API has asked for it. */
  soon(delayMs: number): void;
  /** Hands these to the browser as the page goes. Nobody hears the answer, so the store keeps them for the next page. */
  beacon(ids: readonly string[]): void;
}

/**
 * In a batch at most. So many characters are 60 kB at worst: a beacon, or a request that outlives its page, carries
 * 64 KiB.
 */
const eventsMax = 100;
const charactersMax = 20_000;
const requestLimitMs = 10_000;

/**
 * One request at a time over all tabs where the browser has locks, and then again at once while there is more. A tab may
 * still send what another has just settled (without locks; or because it sees the other's localStorage a moment late):
 * the event counts once, by its id.
 */
export function createSender(
  route: string,
  store: EventStore,
  onRejected: (id: string, errors: FieldError[]) => void,
): Sender {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let due = Infinity;
  let failures = 0;
  let notBefore = 0;
  let most = eventsMax;

  function soon(delayMs: number): void {
    const at = Math.max(Date.now() + delayMs, notBefore);
    if (at >= due) return;
    clearTimeout(timer);
    due = at;
    timer = setTimeout(() => {
      due = Infinity;
      void alone(sendAll);
    }, at - Date.now());
  }

  /** Only one tab does this at a time. */
  async function alone(work: () => Promise<void>): Promise<void> {
    await (navigator.locks ? navigator.locks.request(route, work) : work());
  }

  async function sendAll(): Promise<void> {
    for (;;) {
      const [ids, body] = batchOf(store.ids());
      if (ids.length === 0) return;
      const [verdicts, retryAfter] = await send(body, ids.length);
      if (verdicts === 'smaller') {
        most = ids.length >> 1;
        continue;
      }
      let again = !verdicts;
      verdicts?.forEach((verdict, at) => {
        if (verdict === 'again') {
          again = true;
          return;
        }
        store.remove(ids[at]!);
        if (verdict !== 'kept') onRejected(ids[at]!, verdict);
      });
      if (again) {
        const now = Date.now();
        failures += 1;
        const delayMs = retryDelay(failures, retryAfter, now, Math.random());
        if (retryAfter) notBefore = now + delayMs;
        soon(delayMs);
        return;
      }
      failures = 0;
      most = eventsMax;
    }
  }

  async function send(
    body: string,
    count: number,
  ): Promise<[Verdict[] | 'smaller' | undefined, retryAfter: string | null]> {
    let retryAfter = null;
    try {
      // As text/plain, which a browser sends to another origin without asking first.
      const response = await fetch(route, {
        method: 'POST',
        body,
        keepalive: true,
        credentials: 'omit',
        signal: AbortSignal.timeout(requestLimitMs),
      });
      retryAfter = response.headers.get('retry-after');
      return [readVerdicts(response.status, await response.json(), count), retryAfter];
    } catch {
      // Offline, away, too slow, or an answer that is not the API's.
      return [undefined, retryAfter];
    }
  }

  /** The first of these that fit into one request, at least one. */
  function batchOf(candidates: readonly string[]): [ids: string[], body: string] {
    const ids: string[] = [];
    let events = '';
    for (const id of candidates) {
      // Another tab may have settled it meanwhile.
      const json = store.read(id);
      if (!json) continue;
      if (ids.length >= most || (ids.length > 0 && events.length + json.length > charactersMax)) break;
      events += (ids.length > 0 ? ',' : '') + json;
      ids.push(id);
    }
    return [ids, `[${events}]`];
  }

  return {
    soon,
    beacon(given) {
      let left = given;
      for (;;) {
        const [ids, body] = batchOf(left);
        if (ids.length === 0 || !navigator.sendBeacon(route, body)) return;
        left = left.slice(left.indexOf(ids.at(-1)!) + 1);
      }
    },
  };
}
