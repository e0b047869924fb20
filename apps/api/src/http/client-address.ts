import type { IncomingMessage } from 'node:http';

/** Tells the address of a request's client. */
export type ClientAddress = (request: IncomingMessage) => string;

/**
 * The socket's address; behind so many trusted proxies, what the outermost of them saw: each appends the address that it
 * was reached from, so what stands further left was written by the client and means nothing.
 */
export function createClientAddress(trustedProxies: number): ClientAddress {
  return ({ headers, socket }) => {
    const address = socket.remoteAddress ?? '';
    if (trustedProxies === 0) return network(address);
    const forwarded = headers['x-forwarded-for'];
    const seen = (Array.isArray(forwarded) ? forwarded.join(',') : (forwarded ?? ''))
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
    return network(seen.at(-trustedProxies) ?? seen[0] ?? address);
  };
}

/** One subscriber has a whole /64 of version 6, and is one client; a mapped address is one of version 4. */
function network(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!plain.includes(':')) return plain.slice(0, 64);
  const [head = ''] = plain.split('%');
  const [left = '', right] = head.split('::');
  const groups = left.split(':').filter((group) => group !== '');
  const tail = (right ?? '').split(':').filter((group) => group !== '');
  const zeros = right === undefined ? 0 : Math.max(0, 8 - groups.length - tail.length);
  return [...groups, ...Array(zeros).fill('0'), ...tail].slice(0, 4).join(':').slice(0, 64);
}
