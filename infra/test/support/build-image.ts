import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import {
  type Instruction,
  parseCommand,
  parseDockerfile,
  parseIgnoreFile,
  parsePairs,
} from './dockerfile.ts';

/** What a Dockerfile's target would be, in folders of this machine. */
export interface Image {
  /** Stands for the image's `/`, as far as the Dockerfile fills it. */
  root: string;
  workdir: string;
  env: Record<string, string>;
  user: { uid: number; gid: number } | undefined;
  command: string[];
  healthcheck: string[] | undefined;
}

const installLimitMs = 400_000;

/**
 * Follows a Dockerfile by hand: copies what it copies out of `context`, as far as .dockerignore lets it, and runs what
 * it runs, with the node of `binFolder`. Returns the image of each target that is asked for.
 */
export function createBuilder(options: {
  context: string;
  dockerfile: string;
  folder: string;
  binFolder: string;
}): (target: string) => Promise<Image> {
  const { context, folder, binFolder } = options;
  const { stages } = parseDockerfile(readFileSync(join(context, options.dockerfile), 'utf8'));
  const { keeps, entered } = parseIgnoreFile(readFileSync(join(context, '.dockerignore'), 'utf8'));
  const built = new Map<string, Promise<Image>>();

  async function build(target: string): Promise<Image> {
    const stage = stages.get(target);
    if (!stage) throw new Error(`the Dockerfile has no stage ${target}`);
    const fills = stage.instructions.some(({ name }) => name === 'COPY' || name === 'RUN');
    const base = stages.has(stage.base) ? await image(stage.base) : emptyImage(join(folder, 'empty'));
    const result: Image = { ...base, env: { ...base.env }, root: fills ? join(folder, target) : base.root };
    if (fills) {
      mkdirSync(result.root);
      // Thousands of packages' files, which Node would copy in several times as long.
      execFileSync('cp', ['-pR', `${base.root}/.`, result.root]);
    }
    for (const instruction of stage.instructions) await follow(instruction, result);
    return result;
  }

  async function follow({ name, flags, args }: Instruction, result: Image): Promise<void> {
    const place = join(result.root, result.workdir);
    if (name === 'WORKDIR') mkdirSync(join(result.root, args), { recursive: true });
    if (name === 'WORKDIR') result.workdir = args;
    else if (name === 'ENV') Object.assign(result.env, parsePairs(args));
    else if (name === 'USER') {
      const [uid, gid] = args.split(':').map(Number);
      result.user = { uid: uid!, gid: gid! };
    } else if (name === 'CMD') result.command = parseCommand(args);
    else if (name === 'HEALTHCHECK') result.healthcheck = parseCommand(args);
    else if (name === 'RUN') await run(args, place);
    else if (name === 'COPY') {
      const sources = args.split(/\s+/);
      const destination = sources.pop()!;
      for (const source of sources) {
        const from = flags.from ? join((await image(flags.from)).root, source) : join(context, source);
        const into = destination.endsWith('/') && statSync(from).isFile();
        const to = join(place, destination, into ? basename(source) : '');
        copy(
          from,
          to,
          flags.from ? () => true : (path) => (isFolder(path) ? entered : keeps)(inContext(path)),
        );
        if (flags.chmod) chmodAll(to, Number.parseInt(flags.chmod, 8));
      }
    } else if (name !== 'EXPOSE') throw new Error(`This test can't follow ${name}`);
  }

  const inContext = (path: string) => path.slice(context.length + 1);

  async function run(script: string, cwd: string): Promise<void> {
    const env = {
      ...outerEnv(),
      PATH: `${binFolder}:${process.env.PATH}`,
      npm_config_prefer_offline: 'true',
    };
    await promisify(execFile)('sh', ['-c', script], { cwd, env, timeout: installLimitMs });
  }

  function image(target: string): Promise<Image> {
    const making = built.get(target) ?? build(target);
    built.set(target, making);
    return making;
  }
  return image;
}

/** Ours, without what `npm run` adds: npm must not take this checkout for the place to install to. */
const outerEnv = () =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !ofNpmRun.test(name)));
const ofNpmRun =
  /^(npm_(?!config_.*(registry|cache|proxy|cafile|userconfig))|NODE_ENV$|NODE_OPTIONS$|INIT_CWD$)/i;

function emptyImage(root: string): Image {
  mkdirSync(root, { recursive: true });
  return { root, workdir: '/', env: {}, user: undefined, command: [], healthcheck: undefined };
}

function copy(from: string, to: string, filter: (path: string) => boolean): void {
  if (!filter(from)) throw new Error(`${from} is copied, but .dockerignore leaves it out`);
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true, verbatimSymlinks: true, filter });
}

const isFolder = (path: string) => statSync(path).isDirectory();

function chmodAll(path: string, mode: number): void {
  chmodSync(path, mode);
  if (!isFolder(path)) return;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (!entry.isSymbolicLink()) chmodAll(join(path, entry.name), mode);
  }
}
