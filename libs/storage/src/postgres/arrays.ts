/** Array parameters as PostgreSQL reads them, built here because pg's own builder escapes numbers and UUIDs, too. */
export function plainArray(values: readonly (number | string | boolean | undefined)[]): string {
  let text = '{';
  for (let index = 0; index < values.length; index += 1) {
    if (index > 0) text += ',';
    text += values[index] ?? 'NULL';
  }
  return `${text}}`;
}

/** For text that may hold anything: each element is quoted, `\` and `"` escaped. */
export function textArray(values: readonly (string | undefined)[]): string {
  let text = '{';
  for (let index = 0; index < values.length; index += 1) {
    if (index > 0) text += ',';
    const value = values[index];
    text +=
      value === undefined ? 'NULL' : `"${needsEscape.test(value) ? value.replace(escaped, '\\$&') : value}"`;
  }
  return `${text}}`;
}

const needsEscape = /["\\]/;
const escaped = /["\\]/g;
