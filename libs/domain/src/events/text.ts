import { z } from 'zod';

/** PostgreSQL's text takes neither a NUL nor an unpaired surrogate: refused here, not found out at the commit. */
export function isStorable(text: string): boolean {
  return !text.includes('\u0000') && text.isWellFormed();
}

export const storableMessage = 'must not contain a NUL or an unpaired surrogate';

/** Length in code points. Code units bound it from above, so the exact count is taken only when they exceed the limit. */
export function isLongerThan(text: string, maximum: number): boolean {
  if (text.length <= maximum) return false;
  if (text.length > 2 * maximum) return true;
  let points = 0;
  for (const _ of text) points += 1;
  return points > maximum;
}

export function lengthMessage(maximum: number): string {
  return `must be 1 to ${maximum} characters, not blank`;
}

/**
 * A text whose first problem is reported. The length is judged before anything else is done to the text, so that a text of
 * megabytes costs as little as a short one.
 */
function checkedText(problemOf: (text: string) => string | undefined) {
  return z.string().check((payload) => {
    const message = problemOf(payload.value);
    // No check behind this one sees the text.
    if (message !== undefined)
      payload.issues.push({ code: 'custom', message, input: payload.value, continue: false });
  });
}

/** Text of so many code points, whatever they are. */
export function textWithin(minimum: number, maximum: number) {
  const badLength = `must be ${minimum} to ${maximum} characters`;
  return checkedText((text) => {
    if (text.length < minimum || isLongerThan(text, maximum)) return badLength;
    return isStorable(text) ? undefined : storableMessage;
  }).meta({ minLength: minimum, maxLength: maximum });
}

/** Text of 1 to `maximum` code points that is not blank. */
export function text(maximum: number) {
  const badLength = lengthMessage(maximum);
  return checkedText((text) => {
    if (isLongerThan(text, maximum)) return badLength;
    if (!isStorable(text)) return storableMessage;
    return text.trim() === '' ? badLength : undefined;
  }).meta({ minLength: 1, maxLength: maximum });
}
