import { connect, type Socket } from "node:net";

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/**
 * One kept-alive HTTP/1.1 connection over a bare socket: the loader shares two cores with the
 * server, and `http.request` would cost it as much as the server spends. One request at a time;
 * answers must carry Content-Length, as ours do.
 */
export interface Connection {
  /** Connects ahead of the first request. */
  open(): Promise<void>;
  /** To the connection's own address. Rejects when the connection breaks before the whole answer is here. */
  post(body: Buffer): Promise<Answer>;
  /** `head`: request line and headers, each with its line end, but for Host and Content-Length. */
  send(head: string, body: Buffer): Promise<Answer>;
  close(): void;
}

export function createConnection(url: URL): Connection {
  const postHead = `POST ${url.pathname}${url.search} HTTP/1.1\r\nContent-Type: text/plain;charset=UTF-8\r\n`;
  let socket: Socket | null = null;
  let waiting: { resolve: (answer: Answer) => void; reject: (error: unknown) => void } | null = null;
  let received = "";

  function begin(): Socket {
    const opened = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
    opened.setEncoding("latin1");
    opened.on("data", (text: string) => {
      received += text;
      const answer = parseAnswer(received);
      if (answer === null) return;
      received = "";
      const done = waiting;
      waiting = null;
      done?.resolve(answer);
    });
    const lose = (error: unknown) => {
      socket = null;
      received = "";
      const lost = waiting;
      waiting = null;
      lost?.reject(error);
    };
    opened.on("error", lose);
    opened.on("close", () => lose(new Error("the connection was closed before the answer")));
    return opened;
  }

  const send = (head: string, body: Buffer): Promise<Answer> =>
    new Promise((resolve, reject) => {
      if (waiting) return reject(new Error("a request is under way on this connection"));
      waiting = { resolve, reject };
      socket ??= begin();
      socket.cork();
      socket.write(`${head}Host: ${url.host}\r\nContent-Length: ${body.length}\r\n\r\n`, "latin1");
      if (body.length > 0) socket.write(body);
      socket.uncork();
    });

  return {
    open() {
      const opened = (socket ??= begin());
      return new Promise((resolve, reject) => opened.once("connect", resolve).once("error", reject));
    },
    post: (body) => send(postHead, body),
    send,
    close: () => void socket?.destroy(),
  };
}

function parseAnswer(text: string): Answer | null {
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return null;
  const status = Number(text.slice(9, 12));
  // RFC 9110, 8.6: no content, and no length of it.
  if (status === 204) return { status, body: "" };
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(text.slice(0, end + 2))?.[1] ?? Number.NaN);
  if (Number.isNaN(length)) throw new Error("an answer without Content-Length");
  if (text.length < end + 4 + length) return null;
  return { status, body: text.slice(end + 4, end + 4 + length) };
}
