/** Where the server is now; it has another address after every kill. */
export interface Where<T> {
  /** Resolves at once while it serves, otherwise when it serves again; null when the loop is over. */
  current(): Promise<T | null>;
  /** Null: it is down. */
  moveTo(server: T | null): void;
  end(): void;
}

export function createWhere<T>(): Where<T> {
  let now: T | null = null;
  let isOver = false;
  let waiting: ((server: T | null) => void)[] = [];
  const tell = () => {
    if (now === null && !isOver) return;
    const told = waiting;
    waiting = [];
    for (const resolve of told) resolve(isOver ? null : now);
  };
  return {
    current: () =>
      isOver
        ? Promise.resolve(null)
        : now === null
          ? new Promise((resolve) => waiting.push(resolve))
          : Promise.resolve(now),
    moveTo(server) {
      now = server;
      tell();
    },
    end() {
      isOver = true;
      tell();
    },
  };
}
