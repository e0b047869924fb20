export interface Instruction {
  name: string;
  flags: Record<string, string>;
  args: string;
}

export interface Stage {
  /** Another stage, or an image from elsewhere. */
  base: string;
  instructions: Instruction[];
}

/** The stages of a Dockerfile by name, and the arguments above the first. Enough of the syntax for ours. */
export function parseDockerfile(text: string): { args: Record<string, string>; stages: Map<string, Stage> } {
  const args: Record<string, string> = {};
  const stages = new Map<string, Stage>();
  let stage: Stage | undefined;
  for (const line of text
    .replace(/^#.*\n/gm, '')
    .replaceAll('\\\n', ' ')
    .split('\n')) {
    if (line.trim() === '') continue;
    const instruction = parseInstruction(line);
    if (instruction.name === 'FROM') {
      const [base = '', , name = ''] = instruction.args.split(/\s+/);
      stage = { base: base.replace(/\$\{(\w+)\}/g, (_, arg) => args[arg] ?? ''), instructions: [] };
      stages.set(name, stage);
    } else if (stage) stage.instructions.push(instruction);
    else if (instruction.name === 'ARG') Object.assign(args, parsePairs(instruction.args));
  }
  return { args, stages };
}

function parseInstruction(line: string): Instruction {
  const [, name = '', flags = '', args = ''] =
    /^\s*([A-Z]+)\s+((?:--\S+\s+)*)(.*)$/.exec(line) ?? unreadable(line);
  return { name, flags: parsePairs(flags.replaceAll('--', '')), args: args.trim() };
}

/** `A=b C=d`, without quotes. */
export function parsePairs(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .trim()
      .split(/\s+/)
      .filter(Boolean)
      .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
}

/** The command of a CMD, or of a HEALTHCHECK that has one: always in the form that needs no shell. */
export function parseCommand(args: string): string[] {
  return JSON.parse(args.replace(/^CMD\s+/, ''));
}

/** What a .dockerignore leaves of a folder; the last line that matches a path or a parent of it decides. */
export function parseIgnoreFile(text: string): {
  keeps(path: string): boolean;
  entered(path: string): boolean;
} {
  const rules = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ excludes: !line.startsWith('!'), pattern: line.replace(/^!/, '').split('/') }));
  const decisive = (path: string) => rules.findLastIndex(({ pattern }) => begins(path.split('/'), pattern));
  const keeps = (path: string) => rules[decisive(path)]?.excludes !== true;
  return {
    keeps,
    /** Whether something below a folder may be kept. */
    entered: (path) =>
      keeps(path) ||
      rules
        .slice(decisive(path) + 1)
        .some(({ excludes, pattern }) => !excludes && agree(path.split('/'), pattern)),
  };
}

const begins = (path: string[], pattern: string[]) => path.length >= pattern.length && agree(path, pattern);

/** As far as both go. */
function agree(path: string[], pattern: string[]): boolean {
  return path.every((name, index) => {
    const expected = pattern[index];
    if (expected === undefined) return true;
    if (/\*\*|[?[\\]/.test(expected)) unreadable(expected);
    return new RegExp(`^${expected.replace(/[.+^${}()|]/g, '\\$&').replaceAll('*', '.*')}$`).test(name);
  });
}

function unreadable(text: string): never {
  throw new Error(`This test can't read ${text}`);
}
