import { createHash, timingSafeEqual } from 'node:crypto';

/** Tells whether a text is one of the secrets, in a time that does not depend on how much of it is right. */
export type SecretCheck = (candidate: string) => boolean;

export function createSecretCheck(secrets: readonly string[]): SecretCheck {
  const indexOf = createSecretIndex(secrets);
  return (candidate) => indexOf(candidate) >= 0;
}

/** Tells which of the secrets a text is, as quietly; -1 when it is none. */
export function createSecretIndex(secrets: readonly string[]): (candidate: string) => number {
  const digests = secrets.map(digest);
  return (candidate) => {
    const given = digest(candidate);
    let found = -1;
    for (let at = 0; at < digests.length; at += 1) if (timingSafeEqual(digests[at]!, given)) found = at;
    return found;
  };
}

// Digests have one length, which timingSafeEqual asks for, and hide the length of the secret.
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Of an `Authorization` header; undefined when it is of another kind. */
export function bearerToken(header: string): string | undefined {
  const [scheme = '', credentials = ''] = header.split(/\s+/, 2);
  return scheme.toLowerCase() === 'bearer' ? credentials : undefined;
}

/** A bearer token; of HTTP Basic both the user name (where keys stand) and the password (where admin tokens stand). */
export function authorizationKeys(header: string): string[] {
  const bearer = bearerToken(header);
  if (bearer !== undefined) return [bearer];
  const [scheme = '', credentials = ''] = header.split(/\s+/, 2);
  if (scheme.toLowerCase() !== 'basic') return [];
  const decoded = Buffer.from(credentials, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  const parts = colon < 0 ? [decoded] : [decoded.slice(0, colon), decoded.slice(colon + 1)];
  return parts.filter((part) => part !== '');
}

/** Tells tokens apart, and none of it: `printf %s TOKEN | sha256sum | cut -c1-8`. */
export function fingerprint(token: string): string {
  return digest(token).toString('hex').slice(0, 8);
}
