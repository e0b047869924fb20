/** Without what the API refuses anywhere (a NUL, half of a surrogate pair), cut to so many characters. */
export function cleanText(text: string, most: number): string {
  return Array.from(text.replace(/[\0\p{Surrogate}]/gu, ''))
    .slice(0, most)
    .join('');
}
