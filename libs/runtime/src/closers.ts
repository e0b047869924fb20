/** A LIFO stack of things to close: what was opened last is closed first. */
export interface Closers {
  /** Push a resource as soon as it exists. */
  add(name: string, close: () => unknown): void;
  /** Closes everything, newest first. One that fails does not keep the rest open; the first cause is thrown at the end. */
  closeAll(): Promise<void>;
}

export function createClosers(onError: (name: string, cause: unknown) => void = () => {}): Closers {
  const stack: { name: string; close: () => unknown }[] = [];
  let closing: Promise<void> | undefined;

  async function drain(): Promise<void> {
    const failures: unknown[] = [];
    for (let top = stack.pop(); top; top = stack.pop()) {
      try {
        await top.close();
      } catch (cause) {
        failures.push(cause);
        onError(top.name, cause);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  return {
    add: (name, close) => void stack.push({ name, close }),
    closeAll: () => {
      closing ??= drain();
      return closing;
    },
  };
}
