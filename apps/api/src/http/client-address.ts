import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';
import { LRUCache } from 'lru-cache';
import proxyAddr from 'proxy-addr';

/** Tells the address of a request's client, as the rate limit counts it. */
export type ClientAddress = (request: IncomingMessage) => string;

/**
 * The socket's address; behind so many trusted proxies, what the outermost of them saw: each appends the address that it
 * was reached from, so what stands further left was written by the client and means nothing. Where a proxy wrote something
 * that is no address the socket's counts.
 */
export function createClientAddress(trustedProxies: number): ClientAddress {
  const kept = new LRUCache<string, string>({ max: addressesKept });
  function known(text: string | undefined): string | undefined {
    if (text === undefined || text.length > addressLengthMax) return undefined;
    let client = kept.get(text);
    if (client === undefined) {
      client = clientOf(text);
      if (client !== undefined) kept.set(text, client);
    }
    return client;
  }
  return (request) => {
    const seen = trustedProxies === 0 ? undefined : proxyAddr(request, (_, hop) => hop < trustedProxies);
    return known(seen) ?? known(request.socket.remoteAddress) ?? 'unknown';
  };
}

/** Texts of addresses whose meaning is remembered: to parse one of version 6 takes several times what the rest of a limit does. */
const addressesKept = 10_000;
/** Longer texts are no addresses. */
const addressLengthMax = 64;

/** Some balancers append the port: `192.0.2.1:5678`, `[2001:db8::1]:443`. */
const withPort = /^(?:\[([^\]]+)\]|(\d+\.\d+\.\d+\.\d+))(?::\d+)?$/;

/** Ranges of version 6 whose last 32 bits are an address of version 4 (RFC 4291, 6052, 6145). */
const embedding = new Set(['ipv4Mapped', 'rfc6052', 'rfc6145']);

/** One subscriber has a whole /64 of version 6, and is one client; an address of version 4 within one of 6 is that of 4. */
function clientOf(text: string): string | undefined {
  const [, six, four] = withPort.exec(text) ?? [];
  const address = six ?? four ?? text;
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return ipaddr.IPv4.parse(address).toString();
  if (!ipaddr.IPv6.isValid(address)) return undefined;
  const parsed = ipaddr.IPv6.parse(address);
  if (embedding.has(parsed.range())) return new ipaddr.IPv4(parsed.toByteArray().slice(12)).toString();
  return parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':');
}
