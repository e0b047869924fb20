/** `npm run demo`: posts and a day of plausible traffic for a running system, through its public HTTP API. */
import { fileURLToPath } from 'node:url';
import { type ClientEvent, createClient } from '@event-tracker/client';
import { clientKeys, keyProblem } from '@event-tracker/runtime';
import { Presets, SingleBar } from 'cli-progress';
import { type DemoOptions, Refusal, readOptions } from './options.ts';
import { makePosts } from './posts.ts';
import { createTraffic } from './traffic.ts';

const batchEvents = 1000;
const postsFile = fileURLToPath(new URL('../.data/demo-posts.json', import.meta.url));

try {
  const options = readOptions(process.argv.slice(2), new Date());
  await fill(options, clientKeys(options.url, process.env).apiKey);
} catch (cause) {
  console.error(cause instanceof Refusal ? cause.message : cause);
  process.exitCode = 1;
}

async function fill(options: DemoOptions, apiKey: string | undefined): Promise<void> {
  const { url, seed, events, posts, users } = options;
  const problem = await keyProblem(url, apiKey);
  if (problem) throw new Refusal(problem);
  const headers: Record<string, string> = apiKey ? { authorization: `Bearer ${apiKey}` } : {};
  console.log(`${posts} posts and ${events} events of ${users} users for ${url}, seed ${seed}`);

  const madePosts = progress('posts', posts);
  const onMade = () => madePosts.increment();
  const postIds = await makePosts({ url, headers, seed, posts, users, file: postsFile, onMade }).finally(() =>
    madePosts.stop(),
  );

  const refused: string[] = [];
  const client = createClient({
    url,
    ...(apiKey && { writeKey: apiKey }),
    batchEventsMax: batchEvents,
    onDrop: ({ reason, errors }) => refused.push(errors[0]?.message ?? reason),
  });
  const sent = progress('events', events);
  try {
    let tracked = 0;
    for (const event of createTraffic({ seed, events, users, postIds, now: Date.now() })) {
      client.track(event satisfies ClientEvent);
      tracked += 1;
      if (tracked % batchEvents > 0 && tracked < events) continue;
      await client.flush();
      sent.update(tracked);
    }
  } finally {
    sent.stop();
    await client.close();
  }
  if (refused.length > 0)
    throw new Refusal(`${refused.length} events were refused, the first: ${refused[0]}`);
  console.log(
    `Done. What was there from an earlier run with seed ${seed} counts once. The dashboard: ${url}/`,
  );
}

function progress(what: string, total: number): SingleBar {
  const format = `${what.padEnd(6)} {bar} {percentage} %  {value} of {total}  {duration_formatted}`;
  const bar = new SingleBar(
    { format, hideCursor: true, noTTYOutput: true, notTTYSchedule: 5000 },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  return bar;
}
