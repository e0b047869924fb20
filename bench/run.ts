import { fileURLToPath } from 'node:url';
import { UserError } from '@event-tracker/infra';
import { createClosers } from '@event-tracker/runtime';
import { findWrk } from './kit/find-wrk.ts';
import { describeMachine } from './kit/machine.ts';
import type { Part } from './kit/part.ts';
import { writeSections } from './kit/results-file.ts';
import { type Options, readOptions } from './options.ts';
import { accept } from './parts/accept.ts';
import { batch } from './parts/batch.ts';
import { drain } from './parts/drain.ts';
import { growth } from './parts/growth.ts';
import { keywords } from './parts/keywords.ts';
import { live } from './parts/live.ts';
import { outage } from './parts/outage.ts';
import { posts } from './parts/posts.ts';
import { reads } from './parts/reads.ts';
import { size } from './parts/size.ts';
import { streams } from './parts/streams.ts';

const parts: readonly Part[] = [
  accept,
  batch,
  drain,
  live,
  size,
  posts,
  reads,
  keywords,
  outage,
  streams,
  growth,
];
const names = parts.map(({ name }) => name);
const resultsFile = fileURLToPath(new URL('RESULTS.md', import.meta.url));
const interruptedCode = 130;

const interruption = new AbortController();
const interrupted = new Promise<never>((_, reject) => {
  interruption.signal.addEventListener('abort', () => reject(new UserError('Interrupted.')));
});
interrupted.catch(() => {});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interruption.abort());
// Nobody reads on, as behind `| head`.
process.stdout.on('error', () => interruption.abort());

const args = process.argv.slice(2);
try {
  const options = readOptions(args, names, resultsFile);
  findWrk();
  console.log(describeMachine());
  for (const name of options.parts) await runPart(parts.find((part) => part.name === name)!, options);
} catch (cause) {
  console.error(cause instanceof UserError ? cause.message : cause);
  process.exitCode = 1;
}
// What an interrupted part was about to do must not go on; its children end with this process.
process.exit(interruption.signal.aborted ? interruptedCode : process.exitCode);

async function runPart(part: Part, options: Options): Promise<void> {
  console.log(`\n${part.name}: ${part.about}`);
  const closers = createClosers((what, cause) => {
    if (!interruption.signal.aborted) console.error(`${what} did not end well: ${cause}`);
  });
  const { signal } = interruption;
  let blocks: string[];
  try {
    const bench = { ...options, closers, signal, say: (line: string) => console.log(line) };
    blocks = await Promise.race([part.run(bench), interrupted]);
  } finally {
    await closers.closeAll().catch(() => {});
  }
  console.log(`\n${blocks.join('\n\n')}`);
  if (options.results === undefined) return;
  const origin = [
    part.about,
    `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, \`${['npm run bench --', ...args].join(' ')}\`. ${describeMachine()}.`,
  ];
  writeSections(options.results, new Map([[part.name, [...origin, ...blocks].join('\n\n')]]), names);
}
