// The till of the same shop. It does not crash: after some customers its drawer is stuck, and from then on it answers
// 503 to everybody. Nobody sees that but whoever looks, and a restart loosens it.
import { createServer } from "node:http";

const CUSTOMERS_UNTIL_STUCK = 4;

let customers = 0;
// The supervisor says how many restarts there were.
const isOld = Number(process.env.PRUNELLA_RUN_ATTEMPT ?? 0) === 0;

const server = createServer((_, response) => {
  customers += 1;
  const isStuck = isOld && customers > CUSTOMERS_UNTIL_STUCK;
  response
    .writeHead(isStuck ? 503 : 200, { "content-type": "application/json" })
    .end(JSON.stringify({ till: isStuck ? "the drawer is stuck" : "open" }));
});
server.listen(Number(process.env.PORT ?? 0), "127.0.0.1", () =>
  console.log(`till on http://127.0.0.1:${server.address().port}`),
);

process.on("SIGTERM", () => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
});

// When whoever started it is gone, nothing is left behind.
const parent = process.ppid;
setInterval(() => process.ppid !== parent && process.exit(0), 500).unref();
