import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** As far as ours goes; https://github.com/compose-spec/compose-spec has the rest. */
export interface ComposeFile {
  services: Record<string, ComposeService>;
  networks: Record<string, { internal?: boolean; enable_ipv6?: boolean } | null>;
  volumes: Record<string, unknown>;
}

export interface ComposeService {
  build?: { context: string; dockerfile: string; target: string };
  image?: string;
  command?: string[];
  environment?: Record<string, string>;
  ports?: string[];
  volumes?: string[];
  networks?: string[];
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
  container_name?: string;
  stop_grace_period?: string;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
}

/** The file as Compose sees it with these variables. Throws, as Compose does, naming one that it can't do without. */
export function loadCompose(file: string, variables: Record<string, string>): ComposeFile {
  return resolve(parse(readFileSync(file, 'utf8'), { merge: true }), variables) as ComposeFile;
}

function resolve(value: unknown, variables: Record<string, string>): unknown {
  if (typeof value === 'string') return interpolate(value, variables);
  if (Array.isArray(value)) return value.map((item) => resolve(item, variables));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item, variables)]));
}

/** `${NAME:-default}`, `${NAME:?why it is needed}`, and `$$` for a `$`. */
function interpolate(text: string, variables: Record<string, string>): string {
  return text.replace(/\$(?:\$|\{(\w+):([-?])([^}]*)\})/g, (whole, name, kind, rest) => {
    if (whole === '$$') return '$';
    if (variables[name]) return variables[name];
    if (kind === '?') throw new Error(`${name}: ${rest}`);
    return rest;
  });
}
