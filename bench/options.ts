import { parseArgs } from 'node:util';
import { UserError } from '@event-tracker/infra';

export interface Options {
  parts: string[];
  rounds: number;
  seconds: number;
  connections: number;
  millions: number[];
  outageSeconds: number;
  quick: boolean;
  /** Where the results go; undefined: nowhere. */
  results: string | undefined;
}

export const usage = `npm run bench -- [PART…] [OPTIONS]

Parts: accept, batch, drain, live, size, posts, reads, keywords, outage, streams, growth; all of them without any.
  --rounds N         times that each side is measured, in turn with the others (5)
  --seconds N        length of one measurement (4)
  --connections N    connections of the load generator (64)
  --millions N,N     growth: millions of events stored beforehand (1,10)
  --outage N         outage: seconds that a store is away under load (60)
  --results FILE     where the results go (bench/RESULTS.md)
  --quick            a smoke run, written nowhere unless --results is given`;

/** Throws a UserError. */
export function readOptions(args: string[], parts: readonly string[], results: string): Options {
  const { values, positionals } = parse(args);
  if (values.help) throw new UserError(usage);
  const unknown = positionals.filter((name) => !parts.includes(name));
  if (unknown.length > 0) throw new UserError(`There is no part ${unknown.join(', ')}.\n\n${usage}`);
  const number = (name: string, text: string | undefined, standard: number) =>
    text === undefined ? standard : wholeNumber(name, text);
  const { quick } = values;
  return {
    parts: positionals.length > 0 ? [...new Set(positionals)] : [...parts],
    rounds: number('--rounds', values.rounds, quick ? 2 : 5),
    seconds: number('--seconds', values.seconds, quick ? 1 : 4),
    connections: number('--connections', values.connections, 64),
    millions: (values.millions?.split(',') ?? (quick ? ['1'] : ['1', '10'])).map((text) =>
      wholeNumber('--millions', text),
    ),
    outageSeconds: number('--outage', values.outage, quick ? 3 : 60),
    quick,
    results: values.results ?? (quick ? undefined : results),
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        connections: { type: 'string' },
        millions: { type: 'string' },
        outage: { type: 'string' },
        results: { type: 'string' },
        quick: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (cause) {
    throw new UserError(`${(cause as Error).message}\n\n${usage}`);
  }
}

function wholeNumber(name: string, text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text))
    throw new UserError(`${name} must be a whole number above 0.\n\n${usage}`);
  return Number(text);
}
