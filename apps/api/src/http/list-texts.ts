/** The JSON of an answer made of the first items of a list. */
export type ListText<T> = (list: readonly T[], limit: number) => string;

/** A list that a cache shows again and again stays the same object meanwhile: its texts are made once. */
export function createListTexts<T>(textOf: (items: readonly T[]) => string): ListText<T> {
  const kept = new WeakMap<readonly T[], Map<number, string>>();
  return (list, limit) => {
    const texts = kept.get(list) ?? new Map<number, string>();
    kept.set(list, texts);
    let text = texts.get(limit);
    if (text === undefined) {
      text = textOf(list.slice(0, limit));
      texts.set(limit, text);
    }
    return text;
  };
}
