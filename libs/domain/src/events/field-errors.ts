export interface FieldError {
  /** Such as `metadata.keyword` or `properties.list[3]`; empty for the whole. */
  path: string;
  message: string;
}

/** Unknown fields of one object that are listed; more are counted. */
const unknownFieldsListed = 100;

/** Characters of a client's own name that a path repeats. */
const nameMaximum = 100;

/** One error for each unknown field, up to a limit: an answer must not outgrow its request. */
export function unknownFieldErrors(keys: readonly string[], parent = ''): FieldError[] {
  const errors = keys.slice(0, unknownFieldsListed).map((key) => ({
    path: parent === '' ? shortName(key) : `${parent}.${shortName(key)}`,
    message: 'is not a known field',
  }));
  const more = keys.length - unknownFieldsListed;
  if (more > 0) errors.push({ path: parent, message: `has ${more} more fields that are not known` });
  return errors;
}

/** Such as `hashtags[3]`. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += (text === '' ? '' : '.') + shortName(String(part));
  }
  return text;
}

/** A name as it was given, or its beginning: names may be megabytes. */
export function shortName(name: string): string {
  if (name.length <= nameMaximum) return name;
  // Not in the middle of a surrogate pair.
  return `${name.slice(0, nameMaximum).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** The first `maximum` of some errors; the last of them says how many more there are. */
export function firstErrors(errors: readonly FieldError[], maximum: number): readonly FieldError[] {
  if (errors.length <= maximum) return errors;
  const listed = errors.slice(0, maximum);
  const last = listed.pop()!;
  const more = errors.length - maximum;
  listed.push({ ...last, message: `${last.message}; ${more} more errors are not listed` });
  return listed;
}
