let lastMs = 0;
let sequence = 0;

/**
 * A UUIDv7: 48 bits of time, 12 that count within a millisecond, then random ones. So ids of one page or process are in the
 * order of the calls: of a like and an unlike in one millisecond the greater id wins. `crypto.randomUUID` has no order,
 * and is missing on pages without TLS.
 */
export function newEventId(now: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(10));
  if (now > lastMs) {
    lastMs = now;
    sequence = ((bytes[8]! & 7) << 8) | bytes[9]!;
  } else if (++sequence > 0xfff) {
    lastMs += 1;
    sequence = 0;
  }
  bytes[0] = (bytes[0]! & 0x3f) | 0x80;
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
  const random = [...bytes.slice(0, 8)].map((byte) => hex(byte, 2)).join('');
  return (hex(lastMs, 12) + hex(0x7000 | sequence, 4) + random).replace(
    /(.{8})(.{4})(.{4})(.{4})(.{12})/,
    '$1-$2-$3-$4-$5',
  );
}
