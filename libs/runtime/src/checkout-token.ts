import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Made by `npm start` at its first start, and kept: the admin token of what runs in this checkout. */
export const checkoutTokenFile = fileURLToPath(new URL('../../../.data/admin-token', import.meta.url));

/** The token of this checkout's `npm start`; undefined before its first start. */
export function readCheckoutToken(file = checkoutTokenFile): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    // Another user's: then this one is not its owner either.
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return undefined;
    throw cause;
  }
}
