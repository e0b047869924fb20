import { readFileSync } from 'node:fs';

/** A statement from `queries/NAME.sql`, prepared once a connection under its name. */
export interface Statement {
  name: string;
  text: string;
}

export function statement(name: string): Statement {
  return { name, text: readFileSync(new URL(`queries/${name}.sql`, import.meta.url), 'utf8') };
}
