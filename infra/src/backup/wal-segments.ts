/**
 * The names of the segments of PostgreSQL's log from the first to the last, both included, on one timeline: 8 digits of the
 * timeline, 8 of the 4 GiB they are in, 8 of their place there, all hexadecimal.
 */
export function segmentsBetween(first: string, last: string, segmentBytes: number): string[] {
  const each4GiB = 2 ** 32 / segmentBytes;
  const timeline = first.slice(0, 8);
  const numberOf = (name: string) =>
    Number.parseInt(name.slice(8, 16), 16) * each4GiB + Number.parseInt(name.slice(16), 16);
  const hex = (value: number) => value.toString(16).toUpperCase().padStart(8, '0');
  const names: string[] = [];
  for (let at = numberOf(first); at <= numberOf(last); at += 1)
    names.push(`${timeline}${hex(Math.floor(at / each4GiB))}${hex(at % each4GiB)}`);
  if (names.at(-1) !== last) throw new Error(`${first} and ${last} are not on one timeline`);
  return names;
}
