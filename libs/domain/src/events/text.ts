import { z } from 'zod';

// PostgreSQL's text takes neither a NUL nor an unpaired surrogate: refused at the door, not found out at the commit.
const storable = (text: string) => !text.includes('\u0000') && text.isWellFormed();
const storableMessage = 'must not contain a NUL or an unpaired surrogate';

/** Length in code points. Code units bound it from above, so the exact count is taken only when they exceed the limit. */
function isLongerThan(text: string, maximum: number): boolean {
  if (text.length <= maximum) return false;
  if (text.length > 2 * maximum) return true;
  let points = 0;
  for (const _ of text) points += 1;
  return points > maximum;
}

function lengthMessage(maximum: number): string {
  return `must be 1 to ${maximum} characters, not blank`;
}

/** Text of so many code points, whatever they are. */
export function textWithin(minimum: number, maximum: number) {
  return z
    .string()
    .refine(storable, storableMessage)
    .refine(
      (value) => value.length >= minimum && !isLongerThan(value, maximum),
      `must be ${minimum} to ${maximum} characters`,
    )
    .meta({ minLength: minimum, maxLength: maximum });
}

/** Text of 1 to `maximum` code points that is not blank. */
export function text(maximum: number) {
  return z
    .string()
    .refine(storable, storableMessage)
    .refine((value) => value.trim() !== '' && !isLongerThan(value, maximum), lengthMessage(maximum))
    .meta({ minLength: 1, maxLength: maximum });
}

/**
 * One spelling for what people mean to be one keyword: NFC, trimmed, inner white space collapsed, lower-cased. NFC is
 * taken again at the end, because lower-casing can leave a pair that composes; so normalising twice changes nothing.
 */
export function normaliseKeyword(keyword: string): string {
  return keyword.normalize('NFC').trim().replace(/\s+/gu, ' ').toLowerCase().normalize('NFC');
}

const keywordMaximum = 100;

/** A keyword, answered normalised: 1 to 100 code points afterwards. */
export const keywordText = z
  .string()
  .refine(storable, storableMessage)
  .transform(normaliseKeyword)
  .refine((value) => value !== '' && !isLongerThan(value, keywordMaximum), lengthMessage(keywordMaximum))
  .meta({
    minLength: 1,
    description: `1 to ${keywordMaximum} characters once normalised: NFC, trimmed, inner white space one space, lower case.`,
  });
