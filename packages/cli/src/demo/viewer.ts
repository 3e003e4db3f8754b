import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import { Message } from "@prunella/contract";
import { clip, plain } from "../terminal/text.ts";

export interface Viewer {
  /** Where a webhook posts to. */
  readonly url: string;
  close(): Promise<void>;
}

const MAX_BYTES = 262_144;

/**
 * Stands where a person's own receiver would: says one line for each message that a webhook brings. Its path is
 * drawn by chance, so that no page in a browser and no neighbour on this machine puts lines on the terminal.
 */
export async function openViewer(say: (line: string) => void): Promise<Viewer> {
  const path = `/${randomBytes(16).toString("base64url")}`;
  const server = createServer((request, response) => {
    if (request.method !== "POST" || request.url !== path) {
      response.writeHead(404).end();
      return;
    }
    void messageIn(request).then((message) => {
      // What is not a message would be none the next time.
      response.writeHead(message === null ? 400 : 204).end();
      if (message !== null) say(`the demo's own message viewer: ${lineOf(message)}`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  // A server that did not start is not waited for because of it.
  server.unref();
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}${path}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function lineOf({ title, question, kind }: Message): string {
  const words = clip(plain(title), 160);
  return question === null || kind === "escalation_resolved" ? words : `${words}. ${clip(plain(question.text), 160)}`;
}

/** Null: it is none, or too long. */
async function messageIn(request: IncomingMessage): Promise<Message | null> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of request) {
      if (!Buffer.isBuffer(part)) return null;
      bytes += part.length;
      if (bytes > MAX_BYTES) return null;
      parts.push(part);
    }
    const said = Message.safeParse(JSON.parse(Buffer.concat(parts).toString("utf8")));
    return said.success ? said.data : null;
  } catch {
    return null;
  }
}
