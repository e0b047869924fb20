import { parseArgs } from 'node:util';
import { UserError } from '@event-tracker/infra';
import type { Part } from './kit/part.ts';
import { type ScenarioName, scenarioNames } from './kit/subjects.ts';

export interface Options {
  parts: string[];
  rounds: number;
  seconds: number;
  connections: number;
  millions: number[];
  outageSeconds: number;
  scenario: ScenarioName;
  /** A commit to be measured in turn with this checkout. */
  versus: string | undefined;
  quick: boolean;
  /** Where the results go; undefined: nowhere. */
  results: string | undefined;
}

export const usage = `npm run bench -- [PART…] [OPTIONS]

Parts: accept, batch, drain, live, cost, scale, predecessor, size, posts, reads, keywords, outage, streams, growth, ledger;
all of them without any.
  --rounds N         times that each side is measured, in turn with the others (5)
  --seconds N        length of one measurement (4)
  --connections N    connections of the load generator (64)
  --millions N,N     growth, ledger: millions of events stored beforehand (1,10)
  --outage N         outage: seconds that a store is away under load (60)
  --scenario NAME    drain, live, cost, scale, size: ten (keywords; the default), or zipf (a million)
  --vs COMMIT        accept, drain, live, cost, predecessor: in turn with the processes of that commit
  --results FILE     where the results go (bench/RESULTS.md)
  --quick            a smoke run, written nowhere unless --results is given`;

/** Throws a UserError. */
export function readOptions(args: string[], known: readonly Part[], results: string): Options {
  const { values, positionals } = parse(args);
  if (values.help) throw new UserError(usage);
  const unknown = positionals.filter((name) => !known.some((part) => part.name === name));
  if (unknown.length > 0) throw new UserError(`There is no part ${unknown.join(', ')}.\n\n${usage}`);
  const number = (name: string, text: string | undefined, standard: number) =>
    text === undefined ? standard : wholeNumber(name, text);
  const { quick, scenario = 'ten', vs: versus } = values;
  if (!isScenario(scenario))
    throw new UserError(`--scenario must be ${scenarioNames.join(' or ')}.\n\n${usage}`);
  const parts = known.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  refuseOthers('--scenario zipf', scenario === 'zipf', parts, (part) => part.takes?.scenario);
  refuseOthers('--vs', versus !== undefined, parts, (part) => part.takes?.versus);
  return {
    parts: parts.map(({ name }) => name),
    rounds: number('--rounds', values.rounds, quick ? 2 : 5),
    seconds: number('--seconds', values.seconds, quick ? 1 : 4),
    connections: number('--connections', values.connections, 64),
    millions: (values.millions?.split(',') ?? (quick ? ['1'] : ['1', '10'])).map((text) =>
      wholeNumber('--millions', text),
    ),
    outageSeconds: number('--outage', values.outage, quick ? 3 : 60),
    scenario,
    versus,
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
        scenario: { type: 'string' },
        vs: { type: 'string' },
        quick: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (cause) {
    throw new UserError(`${(cause as Error).message}\n\n${usage}`);
  }
}

function isScenario(name: string): name is ScenarioName {
  return (scenarioNames as readonly string[]).includes(name);
}

/** Figures that were measured without an option must not stand under its name. */
function refuseOthers(
  option: string,
  isGiven: boolean,
  parts: readonly Part[],
  takes: (part: Part) => boolean | undefined,
): void {
  const others = parts.filter((part) => isGiven && !takes(part)).map(({ name }) => name);
  if (others.length > 0)
    throw new UserError(`${option} says nothing to ${others.join(', ')}: name the parts.\n\n${usage}`);
}

function wholeNumber(name: string, text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text))
    throw new UserError(`${name} must be a whole number above 0.\n\n${usage}`);
  return Number(text);
}
