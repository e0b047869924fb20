import { effect, signal } from '@preact/signals';
import { access, askingKey, headers, ownly, urlOf } from '../shell/api.ts';
import { eventTypes, type Frame, type StatisticsWindow } from './frame.ts';

export type Connection = 'connecting' | 'live' | 'reconnecting' | 'key-needed';

export const chosenWindow = signal<StatisticsWindow>('1h');
export const connection = signal<Connection>('connecting');
export const latest = signal<Frame | undefined>(undefined);

/** Seconds that the moving chart shows. */
export const historySeconds = 120;
/** Times in seconds, then one list a type: as the chart takes them. */
export const history = signal<number[][]>([[], ...eventTypes.map(() => [])]);

/** Frames come every second: after so long without one the connection is dead, whatever it looks like. */
const silenceMs = 6000;
const pauses = [500, 1000, 2000, 4000];

function keep(frame: Frame): void {
  latest.value = frame;
  const at = Date.parse(frame.at) / 1000;
  const from = history.value[0]!.findIndex((time) => time > at - historySeconds - 5);
  const [times, ...counts] = history.value.map((list) => list.slice(Math.max(from, 0)));
  history.value = [
    [...times!, at],
    ...counts.map((list, type) => [...list, frame.perSecond[eventTypes[type]!]]),
  ];
}

async function read(window: StatisticsWindow, signalOf: AbortSignal, alive: () => void): Promise<void> {
  const response = await fetch(urlOf('api/stream', { window }), {
    ...ownly,
    headers: headers(),
    signal: signalOf,
  });
  if (response.status === 401) {
    connection.value = 'key-needed';
    askingKey.value = true;
    return;
  }
  if (!response.ok || !response.body) throw new Error(`the stream answered ${response.status}`);
  let unread = '';
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) throw new Error('the stream has ended');
    alive();
    const blocks = (unread + value).split('\n\n');
    unread = blocks.pop()!;
    for (const block of blocks) {
      if (!block.startsWith('data: ')) continue;
      keep(JSON.parse(block.slice('data: '.length)) as Frame);
      connection.value = 'live';
    }
  }
}

/** Reads until `stopping` is aborted; connects again, at growing pauses, whenever the stream ends. */
async function follow(window: StatisticsWindow, stopping: AbortSignal): Promise<void> {
  for (let failures = 0; !stopping.aborted; failures += 1) {
    const attempt = new AbortController();
    const stop = () => attempt.abort();
    stopping.addEventListener('abort', stop);
    let timer = setTimeout(stop, silenceMs);
    try {
      await read(window, attempt.signal, () => {
        failures = 0;
        clearTimeout(timer);
        timer = setTimeout(stop, silenceMs);
      });
      return;
    } catch {
      if (stopping.aborted) return;
      connection.value = latest.value ? 'reconnecting' : 'connecting';
    } finally {
      clearTimeout(timer);
      stopping.removeEventListener('abort', stop);
    }
    await new Promise((resolve) => setTimeout(resolve, pauses[Math.min(failures, pauses.length - 1)]));
  }
}

/** Follows the stream of the chosen window with what the page may see, for as long as the page lives. */
export function startStream(): void {
  let stopping = new AbortController();
  effect(() => {
    const window = chosenWindow.value;
    void access.value;
    stopping.abort();
    stopping = new AbortController();
    void follow(window, stopping.signal);
  });
}
