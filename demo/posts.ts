import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { seededRandom } from '../test/random-events.ts';
import { keywords } from './keywords.ts';
import { Refusal } from './options.ts';
import { weighted, zipf } from './weighted.ts';

export interface PostsOptions {
  url: string;
  headers: Readonly<Record<string, string>>;
  seed: number;
  posts: number;
  users: number;
  /** Remembers the posts of earlier runs: a post has no key of its own that would keep it from being made twice. */
  file: string;
  onMade(): void;
}

const hashtagsMax = 4;
const timeoutMs = 10_000;

/** Makes the posts that are not there yet; answers the ids of all of them, in order. Throws a Refusal when one is not made. */
export async function makePosts(options: PostsOptions): Promise<number[]> {
  const { url, headers, seed, posts, users, file, onMade } = options;
  const key = `${url} ${seed}`;
  const known = readKnown(file);
  const random = seededRandom(seed + 1);
  const tagOf = weighted(zipf(keywords.length));
  const ids: number[] = [];
  // The last of them tells: the database may be a new one since.
  const before = known[key] ?? [];
  const standing = before.length > 0 && (await exists(url, headers, before.at(-1)!)) ? before : [];
  for (let index = 0; index < posts; index += 1) {
    const tags = Array.from(
      { length: 1 + Math.floor(random() * hashtagsMax) },
      () => keywords[tagOf(random())]!,
    );
    const body = {
      userId: 1 + Math.floor(random() * users),
      content: `${tags[0]}: note ${index + 1} of the demo`,
      hashtags: [...new Set(tags)],
    };
    ids.push(standing[index] ?? (await create(url, headers, body)));
    known[key] = standing.length > ids.length ? standing : ids;
    if (index % 50 === 49 || index === posts - 1) keep(file, known);
    onMade();
  }
  return ids;
}

async function create(url: string, headers: Readonly<Record<string, string>>, body: object): Promise<number> {
  const { status, text } = await ask(`${url}/api/posts`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (status !== 201) throw new Refusal(`POST /api/posts was answered with ${status}: ${text}`);
  return (JSON.parse(text) as { postId: number }).postId;
}

async function exists(
  url: string,
  headers: Readonly<Record<string, string>>,
  postId: number,
): Promise<boolean> {
  const { status, text } = await ask(`${url}/api/posts/${postId}`, { headers });
  return status === 200 && text.includes(' of the demo');
}

async function ask(url: string, init: RequestInit): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) });
    return { status: response.status, text: await response.text() };
  } catch (cause) {
    const { message, cause: reason } = cause as Error;
    throw new Refusal(`${url} was not answered: ${reason instanceof Error ? reason.message : message}`);
  }
}

function readKnown(file: string): Record<string, number[]> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, number[]>;
  } catch {
    return {};
  }
}

function keep(file: string, known: Readonly<Record<string, number[]>>): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(known));
}
