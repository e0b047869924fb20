import { randomBytes } from 'node:crypto';
import { chmodSync, renameSync, writeFileSync } from 'node:fs';
import { checkoutTokenFile, readCheckoutToken } from '@event-tracker/runtime';

/** The admin token of this checkout, made at the first start: the file is for its owner alone. */
export function ownAdminToken(file = checkoutTokenFile): string {
  const known = readCheckoutToken(file);
  if (known !== undefined) {
    // Copied or restored it may have come back readable for others.
    chmodSync(file, 0o600);
    return known;
  }
  const token = randomBytes(24).toString('base64url');
  const partial = `${file}.partial`;
  writeFileSync(partial, `${token}\n`, { mode: 0o600 });
  renameSync(partial, file);
  return token;
}
