import { createServer } from "node:http";

/**
 * The floor: a bare `node:http` server that reads and parses the same envelope and keeps nothing.
 * What ours costs is told as a share of this one, in the same run on the same machine.
 */
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const body = JSON.stringify({ id: parse(Buffer.concat(chunks).toString()) });
    response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
    response.end(body);
  });
});

/** Parses every line that is JSON, and returns the id in the envelope's header. */
function parse(text: string): unknown {
  let id: unknown = null;
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const value: unknown = JSON.parse(line);
    if (id === null && typeof value === "object" && value !== null && "event_id" in value) id = value.event_id;
  }
  return id;
}

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address === "object") process.stdout.write(`http://127.0.0.1:${address.port}\n`);
});
process.on("SIGINT", () => process.exit(0));
