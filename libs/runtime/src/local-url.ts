import { hostUrl } from './host-url.ts';

/** Where a program on this machine finds a listener: one on all addresses is reached by loopback. */
export function localUrl(host: string, port: number): string {
  const reachable = { '0.0.0.0': '127.0.0.1', '::': '::1', '': '127.0.0.1' }[host] ?? host;
  return hostUrl(reachable, port);
}
