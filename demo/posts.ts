import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { seededRandom } from '../test/random-events.ts';
import { keywords } from './keywords.ts';
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

/** Makes the posts that are not there yet; answers the ids of all of them, in order. Throws when one is refused. */
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
  const response = await fetch(`${url}/api/posts`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await response.text();
  if (response.status !== 201)
    throw new Error(`POST /api/posts was answered with ${response.status}: ${text}`);
  return (JSON.parse(text) as { postId: number }).postId;
}

async function exists(
  url: string,
  headers: Readonly<Record<string, string>>,
  postId: number,
): Promise<boolean> {
  const signal = AbortSignal.timeout(timeoutMs);
  const response = await fetch(`${url}/api/posts/${postId}`, { headers, signal });
  const text = await response.text();
  return response.status === 200 && text.includes(' of the demo');
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
