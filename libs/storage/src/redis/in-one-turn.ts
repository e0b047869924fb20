/**
 * Turns calls that belong together into one: those of one turn of the event loop, by their group. Each item is loaded
 * after it was asked for, so nothing is answered from before.
 *
 * @param load answers the items' results, in their order; asked for an item twice it is told once
 */
export function inOneTurn<Group extends object, Result>(
  load: (group: Group, items: readonly string[]) => Promise<readonly Result[]>,
  itemsMax: number,
): (group: Group, item: string) => Promise<Result> {
  const waiting = new Map<Group, Map<string, PromiseWithResolvers<Result>>>();

  function begin(group: Group): void {
    const items = [...waiting.get(group)!];
    waiting.delete(group);
    const asked = items.map(([item]) => item);
    load(group, asked).then(
      (results) => {
        for (const [at, [, { resolve }]] of items.entries()) resolve(results[at]!);
      },
      (cause: unknown) => {
        for (const [, { reject }] of items) reject(cause);
      },
    );
  }

  return (group, item) => {
    let items = waiting.get(group);
    if (items === undefined || (items.size >= itemsMax && !items.has(item))) {
      if (items !== undefined) begin(group);
      items = new Map();
      waiting.set(group, items);
      const begun = items;
      setImmediate(() => {
        if (waiting.get(group) === begun) begin(group);
      });
    }
    let result = items.get(item);
    if (result === undefined) {
      result = Promise.withResolvers<Result>();
      items.set(item, result);
    }
    return result.promise;
  };
}
