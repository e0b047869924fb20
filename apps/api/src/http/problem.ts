import { type OutgoingHttpHeaders, type ServerResponse, STATUS_CODES } from 'node:http';
import type { FieldError } from '@event-tracker/domain';
import { requestIdOf } from './request-id.ts';

/** An answer that says what went wrong, as RFC 9457 has it. Thrown by routes; nothing in it is secret. */
export class Problem extends Error {
  override name = 'Problem';
  readonly status: number;
  readonly errors: readonly FieldError[];
  readonly headers: OutgoingHttpHeaders;

  constructor(
    status: number,
    detail: string,
    options: { errors?: readonly FieldError[]; headers?: OutgoingHttpHeaders } = {},
  ) {
    super(detail);
    this.status = status;
    this.errors = options.errors ?? [];
    this.headers = options.headers ?? {};
  }
}

/** Told of what nobody expected, for the log, with the id that the answer names. */
export type OnError = (cause: unknown, requestId: string) => void;

/** After how many seconds a refused client should come back. */
export const retryAfter = { 'retry-after': '2' };

export function unavailable(detail: string, errors: readonly FieldError[] = []): Problem {
  return new Problem(503, detail, { errors, headers: retryAfter });
}

export function sendProblem(response: ServerResponse, problem: Problem): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const requestId = requestIdOf(response);
  const body = JSON.stringify({
    type: 'about:blank',
    title: STATUS_CODES[problem.status],
    status: problem.status,
    detail: problem.message,
    errors: problem.errors,
    requestId,
  });
  response.writeHead(problem.status, {
    ...problem.headers,
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
  response.end(body);
}
