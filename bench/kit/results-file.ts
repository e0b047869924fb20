import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const preamble = `# Results

Written by \`npm run bench\` (see README.md): a part's section is replaced when that part is run. Each figure is the
median of the rounds, with the lowest and the highest. "What was tried" is written by hand.
`;

/** Puts the sections in their places: those that are there are replaced, new ones follow in the given order. */
export function withSections(
  text: string,
  sections: ReadonlyMap<string, string>,
  order: readonly string[],
): string {
  const [head = '', ...old] = text.split(/^(?=## )/m);
  const all = new Map(old.map((section) => [titleOf(section), section]));
  for (const [title, body] of sections) all.set(title, `## ${title}\n\n${body}\n`);
  const known = order.filter((title) => all.has(title));
  const others = [...all.keys()].filter((title) => !order.includes(title));
  const ordered = [...known, ...others].map((title) => all.get(title)!.trim());
  return `${[head.trim(), ...ordered].join('\n\n')}\n`;
}

function titleOf(section: string): string {
  return section.slice(3, section.indexOf('\n')).trim();
}

export function writeSections(
  file: string,
  sections: ReadonlyMap<string, string>,
  order: readonly string[],
): void {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : preamble;
  writeFileSync(file, withSections(text, sections, order));
}
