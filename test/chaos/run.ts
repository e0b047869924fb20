import { parseArgs } from 'node:util';
import { UserError } from '@event-tracker/infra';
import { makeMigratedCluster } from '@event-tracker/testing/migrated-cluster';
import { runChaos } from './chaos.ts';
import { report } from './report.ts';

const usage = `npm run chaos -- [--minutes N] [--seed S] [--rate N]

  --minutes N   how long faults happen under load (2); fractions are fine
  --seed S      whole number that names the schedule of the faults (by the clock)
  --rate N      events a second that the clients aim at (300)`;

const interruptedCode = 130;
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => interruption.abort(new UserError('Interrupted.')));
}

try {
  const { minutes, seed, rate } = readOptions(process.argv.slice(2));
  console.log(`Seed ${seed}: ${minutes} minutes of faults, ${rate} events a second.\n`);
  const cluster = await makeMigratedCluster();
  const result = await runChaos({
    seed,
    runMs: minutes * 60_000,
    eventsPerSecond: rate,
    say: (line) => console.log(line),
    signal: interruption.signal,
  }).finally(cluster.remove);
  console.log(`\n${report(result)}\n`);
  for (const line of result.wrong) console.log(`WRONG: ${line}`);
  if (result.wrong.length > 0) {
    console.log(
      `\nThe logs are in ${result.logFolder}; again: npm run chaos -- --minutes ${minutes} --seed ${seed}`,
    );
    process.exitCode = 1;
  } else console.log('Nothing lost, nothing doubled, every count exact.');
} catch (cause) {
  // A wait that is broken off throws an AbortError of its own.
  const told = interruption.signal.reason ?? cause;
  console.error(told instanceof UserError ? told.message : told);
  process.exitCode = 1;
}
process.exit(interruption.signal.aborted ? interruptedCode : process.exitCode);

/** Throws a UserError. */
function readOptions(args: string[]): { minutes: number; seed: number; rate: number } {
  const { help, minutes, seed, rate } = parse(args);
  if (help) throw new UserError(usage);
  return {
    minutes: numberFrom('--minutes', minutes ?? '2', 0.3, 1440),
    seed: Math.floor(numberFrom('--seed', seed ?? String(Date.now() % 1_000_000), 0, 2 ** 32 - 1)),
    rate: numberFrom('--rate', rate ?? '300', 1, 100_000),
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        minutes: { type: 'string' },
        seed: { type: 'string' },
        rate: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (cause) {
    throw new UserError(`${(cause as Error).message}\n\n${usage}`);
  }
}

function numberFrom(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= least && value <= most))
    throw new UserError(`${name} must be a number from ${least} to ${most}.\n\n${usage}`);
  return value;
}
