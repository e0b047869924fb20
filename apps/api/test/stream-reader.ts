export interface TestFrame {
  at: string;
  perSecond: Record<string, number>;
  window: string;
  keywords: { keyword: string; count: number }[];
  posts: { postId: number; count: number }[];
  lanes: { name: string; waiting: number | null; oldestSeconds: number | null }[];
  workers: number;
  breakers: Record<string, string>;
  source: string | null;
  hasEvents: boolean | null;
}

export interface StreamReader {
  frames: TestFrame[];
  /** Everything that was sent, as it was sent. */
  text(): string;
  /** Resolves when the server has ended the stream, or it was closed. */
  ended: Promise<void>;
  close(): Promise<void>;
}

/** Reads /api/stream until it ends or is closed. */
export async function openStream(url: string, headers: Record<string, string> = {}): Promise<StreamReader> {
  const closing = new AbortController();
  const response = await fetch(url, { headers, signal: closing.signal });
  if (response.status !== 200) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  const frames: TestFrame[] = [];
  let text = '';
  let unread = '';
  async function read(): Promise<void> {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const blocks = (unread + chunk).split('\n\n');
      unread = blocks.pop()!;
      for (const block of blocks)
        if (block.startsWith('data: ')) frames.push(JSON.parse(block.slice('data: '.length)) as TestFrame);
    }
  }
  const ended = read().catch(() => {});
  return {
    frames,
    text: () => text,
    ended,
    close: () => {
      closing.abort();
      return ended;
    },
  };
}

/** Events of a type that the frames tell of, all together. */
export function sumOf(frames: readonly TestFrame[], type: string): number {
  return frames.reduce((sum, { perSecond }) => sum + perSecond[type]!, 0);
}
