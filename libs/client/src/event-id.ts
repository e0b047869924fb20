/**
 * A UUIDv7: 48 bits of time, then random ones. `crypto.randomUUID` is missing on pages without TLS, and its ids are not in
 * the order of time.
 */
export function newEventId(now: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const random = [...bytes].map((byte) => (byte + 256).toString(16).slice(1)).join('');
  const hex = now.toString(16).padStart(12, '0') + random.slice(12);
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
}
