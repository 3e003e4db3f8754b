// A small service with one bug: after GET /hang it answers its health check with 503 until it is started again.
import { createServer } from "node:http";

let hangs = false;
createServer((request, response) => {
  if (request.url === "/hang") hangs = true;
  response.writeHead(hangs ? 503 : 200, { "content-type": "text/plain" }).end(hangs ? "stuck\n" : "ok\n");
}).listen(Number(process.env.PORT ?? 8080), "127.0.0.1");
