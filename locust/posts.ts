import { Refusal } from './refusal.ts';

/** As in the locustfile. */
const keywords = ['고양이', '강아지', '여행', '맛집', '일상', '운동', '독서', '음악', '코딩', '스터디'];
const postCount = 1000;
const timeoutMs = 10_000;

/** Gives the searches something to find: a thousand posts, each with two of the keywords, where there are none. */
export async function makePosts(host: string, headers: Readonly<Record<string, string>>): Promise<number> {
  const query = new URLSearchParams({ userId: '1', keyword: keywords[0]! });
  const found = await ask(`${host}/api/search?${query}`, { headers });
  if (JSON.parse(found).length > 0) return 0;
  for (let post = 0; post < postCount; post += 1) {
    const hashtags = [keywords[post % keywords.length]!, keywords[(post * 7 + 3) % keywords.length]!];
    const body = { userId: 1 + (post % 100), content: `Post ${post + 1} of the load scenario`, hashtags };
    await ask(`${host}/api/posts`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }
  return postCount;
}

async function ask(url: string, init: RequestInit): Promise<string> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) });
    text = await response.text();
  } catch (cause) {
    const { message, cause: reason } = cause as Error;
    throw new Refusal(`${url} was not answered: ${reason instanceof Error ? reason.message : message}`);
  }
  if (!response.ok) throw new Refusal(`${url} was answered with ${response.status}: ${text}`);
  return text;
}
