import { fileURLToPath } from 'node:url';
import { UserError } from '@event-tracker/infra';
import { createClosers } from '@event-tracker/runtime';
import { findWrk } from './kit/find-wrk.ts';
import { describeMachine } from './kit/machine.ts';
import { openOtherSystem } from './kit/other-system.ts';
import type { Part } from './kit/part.ts';
import { writeSections } from './kit/results-file.ts';
import type { System } from './kit/system.ts';
import { type Options, readOptions } from './options.ts';
import { accept } from './parts/accept.ts';
import { batch } from './parts/batch.ts';
import { cost } from './parts/cost.ts';
import { drain } from './parts/drain.ts';
import { growth } from './parts/growth.ts';
import { keywords } from './parts/keywords.ts';
import { ledger } from './parts/ledger.ts';
import { live } from './parts/live.ts';
import { outage } from './parts/outage.ts';
import { posts } from './parts/posts.ts';
import { predecessor } from './parts/predecessor.ts';
import { reads } from './parts/reads.ts';
import { scale } from './parts/scale.ts';
import { size } from './parts/size.ts';
import { streams } from './parts/streams.ts';

const parts: readonly Part[] = [
  accept,
  batch,
  drain,
  live,
  cost,
  scale,
  predecessor,
  size,
  posts,
  reads,
  keywords,
  outage,
  streams,
  growth,
  ledger,
];
/** A part's section without options, and those of its options. */
const titles = parts.flatMap(({ name }) => [
  name,
  `${name}, zipf`,
  `${name}, in turn`,
  `${name}, zipf, in turn`,
]);
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

const checkouts = createClosers();
const args = process.argv.slice(2);
try {
  const options = readOptions(args, parts, resultsFile);
  findWrk();
  console.log(describeMachine());
  const versus = options.versus === undefined ? undefined : openOtherSystem(options.versus, checkouts);
  for (const name of options.parts) await runPart(parts.find((part) => part.name === name)!, options, versus);
} catch (cause) {
  console.error(cause instanceof UserError ? cause.message : cause);
  process.exitCode = 1;
}
await checkouts.closeAll().catch(() => {});
// What an interrupted part was about to do must not go on; its children end with this process.
process.exit(interruption.signal.aborted ? interruptedCode : process.exitCode);

async function runPart(part: Part, options: Options, versus: System | undefined): Promise<void> {
  console.log(`\n${part.name}: ${part.about}`);
  const closers = createClosers((what, cause) => {
    if (!interruption.signal.aborted) console.error(`${what} did not end well: ${cause}`);
  });
  const { signal } = interruption;
  let blocks: string[];
  try {
    const bench = { ...options, versus, closers, signal, say: (line: string) => console.log(line) };
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
  const zipf = options.scenario === 'zipf' ? ', zipf' : '';
  const title = `${part.name}${zipf}${versus ? ', in turn' : ''}`;
  writeSections(options.results, new Map([[title, [...origin, ...blocks].join('\n\n')]]), titles);
}
