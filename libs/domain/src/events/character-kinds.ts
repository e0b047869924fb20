/** What normalising does with a character. */
export const kind = {
  /** Stays, and is a character of its own. */
  letter: 1,
  space: 2,
  /** Default-ignorable: nobody sees it. */
  invisible: 3,
  /** A full- or half-width form. */
  widthForm: 4,
  /** A combining mark that NFC may have to sort. */
  mark: 5,
  /** May become part of the character before it without being sorted: conjoining Hangul, marks that compose by themselves. */
  joining: 6,
  /** A letter like any other, but for what may stand between two of them. */
  emoji: 7,
} as const;

/** The kinds of the first two planes as far as they were asked for; 0: not yet. A regular expression a character is too slow. */
const known = new Uint8Array(0x2_0000);

/** What lies beyond: ideographs, and characters that are all invisible. */
const invisiblePlane = { from: 0xe_0000, to: 0xe_1000 };

export function kindOf(point: number): number {
  if (point >= known.length)
    return point >= invisiblePlane.from && point < invisiblePlane.to ? kind.invisible : kind.letter;
  let is = known[point]!;
  if (is === 0) {
    is = lookUp(point);
    known[point] = is;
  }
  return is;
}

function lookUp(point: number): number {
  const character = String.fromCodePoint(point);
  if (/\p{DI}/u.test(character)) return kind.invisible;
  if (/\s/u.test(character)) return kind.space;
  if (point >= 0xff01 && point <= 0xffee) return kind.widthForm;
  if (point >= 0x1161 && point <= 0x11ff) return kind.joining;
  if (/[\p{ExtPict}\p{EMod}\p{RI}]/u.test(character)) return kind.emoji;
  if (!/\p{M}/u.test(character)) return kind.letter;
  return beginsComposition.has(point) ? kind.joining : kind.mark;
}

/** Marks that form one character with a mark behind them; all of them are of class 0: NFC moves nothing past them. */
const beginsComposition = new Set([
  0x09c7, 0x0b47, 0x0bc6, 0x0c46, 0x0cbf, 0x0cc6, 0x0d46, 0x0dd9, 0x1b3a, 0x1b3c, 0x1b3e, 0x1b3f, 0x1b42,
  0x11131, 0x11132, 0x11347, 0x113c2, 0x114b9, 0x115b8, 0x11935, 0x1611e, 0x16129,
]);
