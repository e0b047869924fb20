import { answerBody } from './answer-body.ts';
import { type BodyShape, bodyShapes } from './body-shapes.ts';

/**
 * A process of its own, for what Jest's VM does to the calls between modules is no cost of the product. Writes a JSON array
 * of `BodyTime` to its standard output, one of each shape.
 */
export interface BodyTime {
  name: string;
  /** Milliseconds from the body's bytes to those of the answer. */
  takenMs: number;
  allowedMs: number;
}

/** What the contract allows: this multiple of JSON.parse of the same bytes, and this time an event. */
const timesParse = 5;
const anEventMs = 0.02;

const rounds = { least: 3, most: 9 };
/** The system adds up a thread's time on a core every few milliseconds. */
const cpu = { rounds: 3, leastMs: 50 };

function parse({ route }: BodyShape, body: Buffer): void {
  const text = body.toString();
  for (const part of route === 'lines' && text.trim() !== '' ? text.split('\n') : [text])
    try {
      JSON.parse(part);
    } catch {
      // As broken as it is meant to be.
    }
}

type Clock = (work: () => unknown) => Promise<number>;

const byTheWall: Clock = async (work) => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

/** This thread's own time on a core, the mean of some turns: the machine's other work adds nothing to it. */
const byTheCore: Clock = async (work) => {
  const before = process.threadCpuUsage();
  let turns = 0;
  let usedMs = 0;
  while (usedMs < cpu.leastMs) {
    await work();
    turns += 1;
    const { user, system } = process.threadCpuUsage(before);
    usedMs = (user + system) / 1000;
  }
  return usedMs / turns;
};

function median(times: readonly number[]): number {
  return times.toSorted((one, other) => one - other)[times.length >> 1]!;
}

/** The medians of both, taken in turn; more rounds where the first are too slow, of code that is not compiled yet. */
async function medians(shape: BodyShape, clock: Clock, { least, most }: typeof rounds): Promise<BodyTime> {
  const body = Buffer.from(shape.text);
  const parsed: number[] = [];
  const taken: number[] = [];
  const allowed = () => timesParse * median(parsed) + anEventMs * shape.events;
  do {
    parsed.push(await clock(() => parse(shape, body)));
    taken.push(await clock(() => answerBody(shape, body)));
  } while (taken.length < least || (taken.length < most && median(taken) > allowed()));
  return { name: `${shape.route} ${shape.name}`, takenMs: median(taken), allowedMs: allowed() };
}

/** A machine that runs other tests beside may interrupt most of the rounds: then a core's time decides. */
async function measure(shape: BodyShape): Promise<BodyTime> {
  const time = await medians(shape, byTheWall, rounds);
  if (time.takenMs <= time.allowedMs) return time;
  return await medians(shape, byTheCore, { least: cpu.rounds, most: cpu.rounds });
}

const times: BodyTime[] = [];
for (const shape of bodyShapes()) times.push(await measure(shape));
process.stdout.write(JSON.stringify(times));
