import { isIPv4 } from 'node:net';

/** Of a URL's hostname: URL has normalised the other spellings of an address, such as 127.1. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' || hostname === '[::1]' || (isIPv4(hostname) && hostname.startsWith('127.'))
  );
}
