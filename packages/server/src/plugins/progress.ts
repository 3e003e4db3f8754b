/** At most so often is it written down; what came in between is left out, the newest never. */
const EVERY_MS = 250;

/** How far an invocation is, by what it says as it goes; each that is written is a call like any other, or refused as one. */
export function createProgress(write: (params: unknown) => Promise<unknown>) {
  let newest: { readonly params: unknown } | null = null;
  let isBusy = false;
  let turn: Promise<void> = Promise.resolve();

  async function writeNewest(): Promise<void> {
    while (newest !== null) {
      const { params } = newest;
      newest = null;
      // Refused or not what progress looks like: nothing is shown, and the command goes on.
      await write(params).catch(() => undefined);
      if (newest !== null) await new Promise((resolve) => setTimeout(resolve, EVERY_MS).unref());
    }
    isBusy = false;
  }

  return {
    say(params: unknown): void {
      newest = { params };
      if (isBusy) return;
      isBusy = true;
      turn = writeNewest();
    },
    settled: (): Promise<void> => turn,
  };
}
