import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { asAdmin, poll } from '@event-tracker/testing';
import { expect } from '@jest/globals';

/** An event that is valid; `metadata` is merged, `undefined` leaves a field out. */
export function click({ metadata, ...fields }: { metadata?: object; [field: string]: unknown } = {}) {
  return {
    eventType: 'CLICK',
    sessionId: 'a session',
    metadata: { componentId: 1002, ...metadata },
    ...fields,
  };
}

export function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array;
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: isRaw ? (body as NonNullable<RequestInit['body']>) : JSON.stringify(body),
  });
}

/** A request with headers that `fetch` keeps to itself, such as Host. */
export function send(url: string, headers: Record<string, string>, method = 'GET'): Promise<Response> {
  return new Promise((resolve, reject) => {
    httpRequest(url, { method, headers, agent: false }, (answer) => {
      const answerHeaders = new Headers();
      for (let at = 0; at < answer.rawHeaders.length; at += 2)
        answerHeaders.append(answer.rawHeaders[at]!, answer.rawHeaders[at + 1]!);
      const response = (body: string) =>
        new Response([204, 304].includes(answer.statusCode!) ? null : body, {
          status: answer.statusCode!,
          headers: answerHeaders,
        });
      text(answer).then(response).then(resolve, reject);
    })
      .on('error', reject)
      .end();
  });
}

/** The answer of a GET in JSON, of an admin's where the route asks for one, and the source that it names. */
export async function get<Body = Record<string, unknown>>(
  url: string,
  query: Record<string, string | number> = {},
): Promise<{ body: Body; servedBy: string | null }> {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) search.append(name, String(value));
  const response = await fetch(`${url}?${search}`, url.includes('/admin/') ? { headers: asAdmin } : {});
  return { servedBy: response.headers.get('x-served-by'), body: await expectStatus<Body>(response, 200) };
}

/** The body of an answer that has to have this status. */
export async function expectStatus<Body = Record<string, unknown>>(
  answering: Promise<Response> | Response,
  status: number,
): Promise<Body> {
  const response = await answering;
  const body = await response.text();
  expect({ status: response.status, body }).toEqual({ status, body });
  return JSON.parse(body) as Body;
}

export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail: string;
  errors: { path: string; message: string }[];
  requestId: string;
}

/** Holds an answer to CONTRACT §8: every refusal looks like this one, whatever refused it. */
export async function expectProblem(
  answering: Promise<Response> | Response,
  status: number,
): Promise<ProblemBody> {
  const response = await answering;
  const text = await response.text();
  expect({ status: response.status, text }).toEqual({ status, text });
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json\b/);
  expect(text).not.toMatch(/node_modules|\.ts\b|\bat \S+ \(/);
  const problem = JSON.parse(text) as ProblemBody;
  expect(problem).toEqual({
    type: expect.stringMatching(/./),
    title: expect.stringMatching(/./),
    status,
    detail: expect.stringMatching(/./),
    errors: expect.any(Array),
    requestId: expect.stringMatching(/./),
  });
  for (const error of problem.errors)
    expect(error).toEqual({ path: expect.any(String), message: expect.stringMatching(/./) });
  return problem;
}

/** The paths of a problem's errors, sorted. */
export function pathsOf(problem: ProblemBody): string[] {
  return problem.errors.map((error) => error.path).sort();
}

/**
 * Checks until the check holds: what is committed is shown a moment later. Fails with what the check said last, after
 * 5 s: how soon it has to be shown is a test of its own.
 */
export async function soon(check: () => Promise<void>): Promise<void> {
  const holds = async () => {
    await check();
    return true;
  };
  await poll(holds, { limitMs: 5000 }).catch(check);
}
