import { ConfigError } from '@event-tracker/runtime';
import { UserError } from './user-error.ts';

/** What to print of an error: the message where it is meant for the reader, the stack where it is a surprise. */
export function explain(cause: unknown): string {
  if (cause instanceof UserError || cause instanceof ConfigError) return cause.message;
  const { code, path, stack } = cause as NodeJS.ErrnoException;
  if (path && (code === 'EACCES' || code === 'EPERM')) {
    return `${path} can't be written. It may belong to another user, because root started this once: start it as that user again.`;
  }
  if (code === 'ENOSPC') return `The disk is full${path ? ` (${path})` : ''}: make room and start again.`;
  return stack ?? String(cause);
}
