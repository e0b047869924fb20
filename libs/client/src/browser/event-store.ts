/** Events that the API does not have yet, each as JSON under its id. */
export interface EventStore {
  /** Oldest first. */
  ids(): string[];
  read(id: string): string | undefined;
  /** Answers false when there is no room. */
  add(id: string, json: string): boolean;
  remove(id: string): void;
}

/**
 * A key of localStorage for each event, so that tabs that write at once cannot undo each other, and what one leaves behind
 * when it is closed is there for the next. Where the browser keeps nothing, this page's memory has to do.
 */
export function createEventStore(prefix: string, most: number): EventStore {
  const memory = new Map<string, string>();
  let kept: Storage | undefined;
  try {
    kept = localStorage;
  } catch {
    // The user, or a sandbox, forbids it.
  }

  const ids = () => {
    const keys = Object.keys(kept ?? {}).filter((key) => key.startsWith(prefix));
    return [...keys.map((key) => key.slice(prefix.length)), ...memory.keys()].sort();
  };

  return {
    ids,
    read: (id) => memory.get(id) ?? kept?.getItem(prefix + id) ?? undefined,
    add(id, json) {
      if (ids().length >= most) return false;
      try {
        kept!.setItem(prefix + id, json);
      } catch {
        memory.set(id, json);
      }
      return true;
    },
    remove(id) {
      memory.delete(id);
      kept?.removeItem(prefix + id);
    },
  };
}
