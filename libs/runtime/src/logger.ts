import { pino } from 'pino';
import { PinoPretty } from 'pino-pretty';

export type Logger = pino.Logger;

/** Structured JSON on stdout; readable lines when stdout is a terminal. Errors go in as `err`, never as text with secrets. */
export function createLogger(options: { name: string; level: string }): Logger {
  const stream = process.stdout.isTTY
    ? PinoPretty({ colorize: true, translateTime: 'HH:MM:ss.l', ignore: 'pid,hostname' })
    : pino.destination({ fd: 1, sync: false });
  return pino(options, stream);
}
