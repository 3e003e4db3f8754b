import { once } from "node:events";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

/** For tests: a real SMTP server on loopback that keeps what it took. */
export async function openMailServer(given: SMTPServerOptions = {}) {
  const mails: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    onData(stream, _session, callback) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        mails.push(Buffer.concat(chunks).toString());
        callback();
      });
    },
    ...given,
  });
  // A client that goes away in the middle is no failure of ours.
  server.on("error", () => undefined);
  const listening = server.listen(0, "127.0.0.1");
  await once(listening, "listening");
  const address = listening.address();
  return {
    mails,
    port: typeof address === "object" && address !== null ? address.port : 0,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

/** The head of a mail that says what it is of. */
export const subjectsOf = (mails: readonly string[]): string[] =>
  mails.map((mail) => /^Subject: (.*)$/m.exec(mail)?.[1]?.trim() ?? "");
