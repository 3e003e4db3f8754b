// A small web shop that was never told about Prunella. It has three real bugs; a visitor of its own
// walks into one of them after every start.
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const CATALOGUE = new Map([
  ["tulip", { title: "Tulip bulbs", stock: { berlin: 12, lyon: 3 } }],
  ["fern", { title: "Fern", stock: { berlin: 4 } }],
]);

class PaymentDeclinedError extends Error {
  name = "PaymentDeclinedError";
}

/** Bug 1: nobody checks that the warehouse knows the article. */
function reserve(article, warehouse, amount) {
  const { stock } = CATALOGUE.get(article);
  stock[warehouse] = stock[warehouse].left - amount;
  return stock[warehouse];
}

/** Bug 2: what the bank says arrives later, and nobody waits for it. */
async function charge(card, cents) {
  await sleep(30);
  if (cents > 10_000) throw new PaymentDeclinedError("the bank declined the card: limit exceeded");
  return { receipt: `${card.slice(-4)}-${cents}` };
}

/** Bug 3: gives up on the whole process when one cache entry is damaged. */
function readReport(cache) {
  try {
    return JSON.parse(cache);
  } catch {
    console.error("fatal: report cache is damaged, refusing to go on");
    process.exit(3);
  }
}

const ROUTES = {
  "/": () => ({ articles: [...CATALOGUE.keys()] }),
  "/orders": (query) => ({ left: reserve(query.get("article"), query.get("warehouse"), 1) }),
  "/pay": (query) => {
    // oxlint-disable-next-line typescript/no-floating-promises -- that nobody waits for it is the bug on show
    charge("4000123412341234", Number(query.get("cents")));
    return { status: "being charged" };
  },
  "/report": (query) => readReport(query.get("month") === "last" ? '{"orders": 3, "revenue"' : '{"orders": 3}'),
};

const server = createServer((request, response) => {
  const url = new URL(request.url, "http://shop.test");
  const route = ROUTES[url.pathname];
  // Handlers run outside the request, so what they throw ends the process, as in many a real shop.
  setImmediate(() => {
    const answer = route ? route(url.searchParams) : { error: "not found" };
    response.writeHead(route ? 200 : 404, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
});

// The supervisor says how many restarts there were; each start meets the next bug.
const restarts = Number(process.env.PRUNELLA_RUN_ATTEMPT ?? 0);
const BAD_REQUESTS = ["/orders?article=orchid&warehouse=berlin", "/pay?cents=25000", "/report?month=last"];
const GOOD_REQUESTS = ["/", "/pay?cents=1900", "/report"];

async function visit(base) {
  for (const path of [...GOOD_REQUESTS.slice(0, 1 + (restarts % 2)), BAD_REQUESTS[restarts % 3]]) {
    await sleep(700);
    console.log(`GET ${path}`);
    await fetch(base + path).then(
      (response) => response.text(),
      () => undefined,
    );
  }
}

server.listen(0, "127.0.0.1", () => {
  const { port } = server.address();
  console.log(`flower shop on http://127.0.0.1:${port}`);
  void visit(`http://127.0.0.1:${port}`);
});

process.on("SIGTERM", () => {
  console.log("closing the shop");
  server.close(() => process.exit(0));
  server.closeAllConnections();
});

// When whoever started it is gone, nothing is left behind.
const parent = process.ppid;
setInterval(() => process.ppid !== parent && process.exit(0), 500).unref();
