import type { ServerResponse } from 'node:http';
import { NoStoreCanAnswer } from '../reads/first-answer.ts';
import { type OnError, Problem, sendProblem, unavailable } from './problem.ts';
import { requestIdOf } from './request-id.ts';

/** Answers a request whose handler threw. What nobody expected is a 500 that says nothing of it, and is logged. */
export function answerFailure(response: ServerResponse, cause: unknown, onError: OnError): void {
  sendProblem(
    response,
    problemOf(cause, (unexpected) => onError(unexpected, requestIdOf(response))),
  );
}

function problemOf(cause: unknown, onError: (cause: unknown) => void): Problem {
  if (cause instanceof Problem) return cause;
  if (cause instanceof NoStoreCanAnswer)
    return unavailable('the store that could answer is away; ask again later');
  // Express's own, such as a path that cannot be decoded.
  const { status } = cause as { status?: unknown };
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new Problem(status, 'the request is not valid');
  }
  onError(cause);
  return new Problem(500, 'something went wrong here; it is in the log');
}
