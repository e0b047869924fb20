/** A step of a process at which it dies. */
export interface CrashPoint {
  /** Before it is sent; when it is on its way and nothing has come back; when its answer is there, before anybody heard. */
  when: 'before' | 'sent' | 'after';
  /** A regular expression over what crash-at.ts calls a step, such as `pg insert-events`. */
  step: string;
  /** The nth that matches; the first by default. */
  nth?: number;
  /** Only a step that carries this text among its values, such as an event's session. */
  holding?: string;
}

const preload = new URL('crash-at.ts', import.meta.url).href;

/** What a process is started with so that it dies there. */
export function crashAt(point: CrashPoint): Record<string, string> {
  return { NODE_OPTIONS: `--import ${preload}`, CRASH_AT: JSON.stringify(point) };
}
