import { isIPv6 } from 'node:net';

/** Such as http://127.0.0.1:8080, or http://[::1]:8080: an address of version 6 is no part of a URL as it stands. */
export function hostUrl(host: string, port: number): string {
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
