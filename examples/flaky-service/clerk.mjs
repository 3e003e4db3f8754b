// The clerk of the same shop. It says that it lives, three times, and then it sleeps: the process runs, and nothing is
// heard of it. Whoever knocks gets an answer, but it sleeps on.
import { createServer } from "node:http";

const SIGNS_OF_LIFE = 3;

const heartbeat = new URL("/v1/heartbeat/clerk", new URL(process.env.PRUNELLA_DSN).origin);
let told = 0;
const beat = setInterval(async () => {
  try {
    const answer = await fetch(heartbeat, { method: "POST", headers: { authorization: `Bearer ${process.env.KEY}` } });
    if (answer.ok) told += 1;
  } catch {
    // Not there yet, or not any more: the next one may be heard.
  }
  if (told < SIGNS_OF_LIFE) return;
  clearInterval(beat);
  console.log("the clerk falls asleep");
}, 500);

const server = createServer((_, response) => {
  console.log("somebody knocks; the clerk sleeps on");
  response.writeHead(200).end();
});
server.listen(Number(process.env.PORT ?? 0), "127.0.0.1");

process.on("SIGTERM", () => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
});

// When whoever started it is gone, nothing is left behind.
const parent = process.ppid;
setInterval(() => process.ppid !== parent && process.exit(0), 500).unref();
