import { type OutgoingHttpHeaders, type ServerResponse, STATUS_CODES } from 'node:http';
import { type FieldError, firstErrors } from '@event-tracker/domain';
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

/** Errors that an answer lists, so that it does not outgrow what it answers; more are counted. */
export const errorsListedMax = 1000;

/** What each of some lists of errors may show, so that all of them together stay within an answer: one error at least. */
export function shareOfErrors(
  lists: readonly (readonly FieldError[])[],
): (errors: readonly FieldError[]) => readonly FieldError[] {
  const total = lists.reduce((sum, errors) => sum + errors.length, 0);
  if (total <= errorsListedMax) return (errors) => errors;
  const share = Math.max(1, Math.floor(errorsListedMax / lists.length));
  return (errors) => firstErrors(errors, share);
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
    errors: firstErrors(problem.errors, errorsListedMax),
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
