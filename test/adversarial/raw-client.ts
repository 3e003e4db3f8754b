import { connect, type Socket } from "node:net";

export interface Driven {
  /** What the server took before it let go. */
  readonly sent: number;
  readonly received: string;
  /** False: the client had sent all that it was to, and the server still listened. */
  readonly wasCutOff: boolean;
}

/**
 * Sends `head`, then `piece` for ever, as fast as the server takes it or every so often, until the server lets
 * go or `most` bytes went out. No HTTP client does this.
 */
export function drive(
  port: number,
  head: string,
  piece: Buffer,
  { most, everyMs = 0 }: { readonly most: number; readonly everyMs?: number },
): Promise<Driven> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let received = "";
    let sent = 0;
    let timer: NodeJS.Timeout | undefined;
    const end = (wasCutOff: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ sent: Math.min(sent, taken(socket)), received, wasCutOff });
    };
    socket.setEncoding("latin1").on("data", (text: string) => void (received = (received + text).slice(0, 65_536)));
    socket.on("error", () => undefined).on("close", () => end(true));
    const next = (): void => {
      if (socket.destroyed) return;
      if (sent >= most) return end(false);
      sent += piece.byteLength;
      socket.write(piece, () => (everyMs > 0 ? (timer = setTimeout(next, everyMs)) : setImmediate(next)));
    };
    socket.on("connect", () => socket.write(head, next));
  });
}

const taken = (socket: Socket): number => socket.bytesWritten;
