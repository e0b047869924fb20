import { pino } from 'pino';

export type Logger = pino.Logger;

/** A twentieth of a start, and only a terminal needs it. */
const pretty = process.stdout.isTTY ? (await import('pino-pretty')).PinoPretty : undefined;

/** Structured JSON on stdout; readable lines when stdout is a terminal. Errors go in as `err`, never as text with secrets. */
export function createLogger(options: { name: string; level: string }): Logger {
  const stream =
    pretty?.({ colorize: true, translateTime: 'HH:MM:ss.l', ignore: 'pid,hostname' }) ??
    pino.destination({ fd: 1, sync: false });
  return pino(options, stream);
}
