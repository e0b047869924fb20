import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { SentEvent } from '../model.ts';

const gzipped = promisify(gzip);

/** What came of one attempt. Only `accepted` and `busy` say what became of each event. */
export type Answer =
  | { outcome: 'accepted'; ids: Map<SentEvent, string>; busy: SentEvent[] }
  /** Nothing of it was sent. */
  | { outcome: 'unreachable' }
  /** It may have been kept. `status` 0: no answer. */
  | { outcome: 'unknown'; status: number; retryAfterMs: number; detail: string };

export interface Shape {
  form: 'one' | 'list' | 'object' | 'lines';
  compressed: boolean;
}

/** One attempt to send events, in the given shape, as real clients do it. Never throws. */
export async function postEvents(
  url: string,
  events: readonly SentEvent[],
  { form, compressed }: Shape,
  limitMs: number,
): Promise<Answer> {
  const text = bodyOf(events, form);
  try {
    const response = await fetch(`${url}/api/events${form === 'one' ? '' : '/batch'}`, {
      method: 'POST',
      headers: {
        'content-type': form === 'lines' ? 'application/x-ndjson' : 'application/json',
        ...(compressed && { 'content-encoding': 'gzip' }),
      },
      body: compressed ? new Uint8Array(await gzipped(text)) : text,
      signal: AbortSignal.timeout(limitMs),
    });
    const answer = await response.text();
    if (response.status === 202) return accepted(events, form, JSON.parse(answer));
    const retryAfterMs = 1000 * Number(response.headers.get('retry-after') ?? 0);
    return { outcome: 'unknown', status: response.status, retryAfterMs, detail: answer };
  } catch (cause) {
    if (isRefused(cause)) return { outcome: 'unreachable' };
    return { outcome: 'unknown', status: 0, retryAfterMs: 0, detail: String(cause) };
  }
}

function bodyOf(events: readonly SentEvent[], form: Shape['form']): string {
  switch (form) {
    case 'one':
      return JSON.stringify(events[0]);
    case 'list':
      return JSON.stringify(events);
    case 'object':
      return JSON.stringify({ events });
    case 'lines':
      return events.map((event) => JSON.stringify(event)).join('\n');
    default:
      return form satisfies never;
  }
}

interface BatchAnswer {
  results: { index: number; status: 'accepted' | 'duplicate' | 'rejected' | 'busy'; eventId?: string }[];
}

function accepted(events: readonly SentEvent[], form: Shape['form'], answer: unknown): Answer {
  if (form === 'one') {
    return {
      outcome: 'accepted',
      ids: new Map([[events[0]!, (answer as { eventId: string }).eventId]]),
      busy: [],
    };
  }
  const ids = new Map<SentEvent, string>();
  const busy: SentEvent[] = [];
  for (const { index, status, eventId } of (answer as BatchAnswer).results) {
    if (eventId !== undefined && (status === 'accepted' || status === 'duplicate'))
      ids.set(events[index]!, eventId);
    else busy.push(events[index]!);
  }
  return { outcome: 'accepted', ids, busy };
}

/** Nobody listened: not one byte has left. */
function isRefused(cause: unknown): boolean {
  const inner = (cause as { cause?: { code?: string } }).cause;
  return inner?.code === 'ECONNREFUSED';
}
