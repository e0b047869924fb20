import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { asAdmin } from '@event-tracker/testing';
import type { Dice } from './bad-json.ts';
import { badRequest } from './bad-requests.ts';

export interface Answer {
  status: number;
  contentType: string;
  body: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: 24 });

export function endAttacks(): void {
  agent.destroy();
}

function ask(
  url: string,
  { method, path, headers: own, body }: ReturnType<typeof badRequest>,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    // Refused at the guard, a request would never reach its route.
    const headers = path.startsWith('/admin') ? { ...asAdmin, ...own } : own;
    const sending = request({ hostname, port, path, method, headers, agent }, (answer) => {
      text(answer).then(
        (read) =>
          resolve({
            status: answer.statusCode!,
            contentType: answer.headers['content-type'] ?? '',
            body: read,
          }),
        reject,
      );
    });
    sending.on('error', reject);
    sending.end(body);
  });
}

/** Why an answer is not what a bad request has to get, with both stores there; undefined when it is. */
export function whatIsWrong({ status, contentType, body }: Answer, method = 'POST'): string | undefined {
  if (status < 400 || status >= 500) return `status ${status}: ${body.slice(0, 300)}`;
  if (!contentType.startsWith('application/problem+json')) return `content type ${contentType}`;
  if (method === 'HEAD') return undefined;
  if (/node_modules|\.ts\b|\bat \S+ \(|select |insert /i.test(body))
    return `it tells too much: ${body.slice(0, 300)}`;
  const problem = JSON.parse(body) as Record<string, unknown>;
  const complete =
    problem.status === status &&
    [problem.type, problem.title, problem.detail, problem.requestId].every(
      (part) => typeof part === 'string' && part !== '',
    ) &&
    Array.isArray(problem.errors);
  return complete ? undefined : `no problem: ${body.slice(0, 300)}`;
}

/** Sends so many bad requests; what was wrong with their answers, and how many there were of each status. */
export async function attack(url: string, dice: Dice, count: number) {
  const wrong: string[] = [];
  const statuses: Record<number, number> = {};
  let left = count;
  async function lane(): Promise<void> {
    while (left > 0) {
      left -= 1;
      const bad = badRequest(dice);
      const about = () =>
        `${bad.method} ${bad.path} ${JSON.stringify(bad.headers)} ${String(bad.body).slice(0, 200)}`;
      try {
        const answer = await ask(url, bad);
        statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
        const complaint = whatIsWrong(answer, bad.method);
        if (complaint !== undefined) wrong.push(`${about()} → ${complaint}`);
      } catch (cause) {
        wrong.push(`${about()} → ${cause}`);
      }
    }
  }
  await Promise.all(Array.from({ length: 24 }, lane));
  return { wrong, statuses };
}

/** What the server says to these bytes until it hangs up. */
export async function sendBytes(url: string, bytes: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const said: Buffer[] = [];
  await new Promise<void>((resolve) => {
    socket.on('data', (chunk) => said.push(chunk));
    // Hung up on while it still sends: what was said before counts.
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.write(Buffer.from(bytes, 'latin1'));
  });
  return Buffer.concat(said).toString('utf8');
}

/** Sends half of a request and goes away. */
export async function abort(url: string, bytes: string): Promise<void> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => {});
  await new Promise<void>((resolve) => {
    socket.write(Buffer.from(bytes, 'latin1'), () => resolve());
  });
  socket.resetAndDestroy();
}

/** The answers in what a connection said. */
export function answersIn(said: string): Answer[] {
  return said.split(/(?=HTTP\/1\.1 )/).map((part) => {
    const [head = '', ...rest] = part.split('\r\n\r\n');
    return {
      status: Number(head.slice(9, 12)),
      contentType: /^content-type: (.*)$/im.exec(head)?.[1] ?? '',
      body: rest.join('\r\n\r\n'),
    };
  });
}
