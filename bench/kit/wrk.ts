import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { createScenario, type ScenarioEvent, type ScenarioOptions } from './scenario.ts';

const script = fileURLToPath(new URL('wrk.lua', import.meta.url));

export interface WrkOptions {
  url: string;
  /** Written by `writeBodies` or `writeRequests`; without them the URL is asked for by GET. */
  bodies?: string;
  encoding?: 'identity' | 'gzip';
  connections: number;
  seconds: number;
  /** Requests a second; without it as fast as the answers come. */
  rate?: number;
  signal: AbortSignal;
}

export interface Answers {
  /** Answered with success, a second. */
  perSecond: number;
  succeeded: number;
  p50Ms: number;
  p99Ms: number;
  /** Answers other than 2xx, broken connections and time-outs. */
  errors: number;
}

/** One run of wrk, with one thread: it is to take as little as it can from the side that is measured. */
export async function runWrk(options: WrkOptions): Promise<Answers> {
  const { url, bodies = '-', encoding = 'identity', connections, seconds, rate = 0, signal } = options;
  const flags = ['-t', '1', '-c', `${connections}`, '-d', `${Math.ceil(seconds)}s`, '--timeout', '10s'];
  const args = [...flags, '-s', script, url, '--', bodies, 'application/json', encoding, `${rate}`];
  const child = spawn('wrk', args, { stdio: ['ignore', 'pipe', 'pipe'], signal });
  const [output, complaints] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  signal.throwIfAborted();
  const line = output.trimEnd().split('\n').at(-1) ?? '';
  if (!line.startsWith('{')) throw new Error(`wrk said: ${output}${complaints}`);
  const said = JSON.parse(line) as Record<
    'requests' | 'microseconds' | 'p50' | 'p99' | 'refused' | 'broken',
    number
  >;
  const succeeded = said.requests - said.refused;
  return {
    perSecond: succeeded / (said.microseconds / 1e6),
    succeeded,
    p50Ms: said.p50 / 1000,
    p99Ms: said.p99 / 1000,
    errors: said.refused + said.broken,
  };
}

export interface WrkRequest {
  method: string;
  /** With its query; undefined: that of the URL. */
  path?: string;
  body?: Buffer;
}

/** As wrk.lua reads them. */
export function writeRequests(file: string, requests: readonly WrkRequest[]): void {
  const chunks = requests.flatMap(({ method, path = '-', body = Buffer.alloc(0) }) => [
    Buffer.from(`${method} ${path} ${body.length}\n`),
    body,
  ]);
  writeFileSync(file, Buffer.concat(chunks));
}

export function writeBodies(file: string, bodies: readonly Buffer[]): void {
  writeRequests(
    file,
    bodies.map((body) => ({ method: 'POST', body })),
  );
}

/**
 * Enough for likes, and for the subjects of many, to be as varied within a commit as the scenario's are; wrk goes through
 * them again and again.
 */
const singleBodies = { ten: 5000, zipf: 50_000 };

export function singleEvents({ scenario }: Pick<ScenarioOptions, 'scenario'>): Buffer[] {
  const next = createScenario({ scenario });
  return Array.from({ length: singleBodies[scenario] }, () => Buffer.from(JSON.stringify(next())));
}

export function arraysOfEvents(arrays: number, length: number): Buffer[] {
  const next = createScenario({ scenario: 'ten' });
  return Array.from({ length: arrays }, () =>
    Buffer.from(JSON.stringify(Array.from({ length }, (): ScenarioEvent => next()))),
  );
}
