import { z } from 'zod';

/** A URL with one of the given schemes. The message never repeats the value: it may hold a password. */
export function storeUrl(schemes: readonly string[], missing = '') {
  return z.string({ error: missing }).refine(
    (value) => {
      const parsed = URL.parse(value);
      return parsed !== null && schemes.includes(parsed.protocol.slice(0, -1));
    },
    `must be a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
  );
}
