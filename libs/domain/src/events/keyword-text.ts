import { z } from 'zod';
import { kind, kindOf } from './character-kinds.ts';
import { normaliseKeyword } from './normalise-keyword.ts';
import { isLongerThan, isStorable, lengthMessage, storableMessage } from './text.ts';

const keywordMaximum = 100;

/** In UTF-16 units, as sent. A longer one is refused unread: normalising costs more than reading. */
const sentMaximum = 1000;

/** A character of NFC takes in so many combining marks at most. */
const marksTakenIn = 3;

/** Half-width voicing: marks of the letter before them. */
const voicing = { first: 0xff9e, last: 0xff9f };

/**
 * Whether the normalised keyword is certain to be longer than it may be, known without normalising it. NFC costs 50 to 100 ns a
 * character where it has work to do, and sorts a run of combining marks in a time that grows with the square of the run:
 * half a millisecond for a thousand of them.
 */
function isSurelyTooLong(keyword: string): boolean {
  if (keyword.length <= keywordMaximum) return false;
  let letters = 0;
  let run = 0;
  let marksLeft = 0;
  for (let at = 0; at < keyword.length; at += 1) {
    const point = keyword.codePointAt(at)!;
    if (point > 0xffff) at += 1;
    const is = kindOf(point);
    if (is === kind.mark) {
      run += 1;
      if (run > marksTakenIn) marksLeft += 1;
    } else if (is !== kind.space && is !== kind.invisible) {
      run = 0;
      const isVoicing = point >= voicing.first && point <= voicing.last;
      if (is !== kind.joining && !isVoicing) letters += 1;
    }
    if (letters > keywordMaximum || marksLeft > keywordMaximum) return true;
  }
  return false;
}

/** A keyword, answered normalised: 1 to 100 code points afterwards. */
export const keywordText = z
  .string()
  .transform((keyword, context) => {
    const refuse = (message: string) => {
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    };
    if (keyword.length > sentMaximum) return refuse(`must be at most ${sentMaximum} UTF-16 units as sent`);
    if (!isStorable(keyword)) return refuse(storableMessage);
    if (isSurelyTooLong(keyword)) return refuse(lengthMessage(keywordMaximum));
    const normalised = normaliseKeyword(keyword);
    if (normalised === '' || isLongerThan(normalised, keywordMaximum))
      return refuse(lengthMessage(keywordMaximum));
    return normalised;
  })
  .meta({
    minLength: 1,
    maxLength: sentMaximum,
    description:
      `1 to ${keywordMaximum} characters once normalised, and at most ${sentMaximum} UTF-16 units as sent: NFC, full- and ` +
      'half-width forms as usual ones, without invisible characters, trimmed, inner white space one space, lower case.',
  });
