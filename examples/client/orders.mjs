// A program that knows nothing of Prunella but one import. `node orders.mjs throw` crashes, and so on.
import { install } from "@prunella/client";

const [what = "healthy"] = process.argv.slice(2);
const endpoint = process.env["ORDERS_CRASH_SERVER"];
const client =
  process.env["ORDERS_WITHOUT_CLIENT"] === "1"
    ? null
    : install({
        app: "orders",
        version: "1.4.0",
        issuesUrl: "https://issues.example.org/new",
        ...(endpoint === undefined ? {} : { endpoint }),
      });

class StockError extends Error {}

function reserve(order) {
  if (what !== "healthy") throw new StockError(`no stock for ${order.customer}`);
  return order;
}

function handle(order) {
  return reserve(order);
}

function leave() {
  process.exit(3);
}

const run = {
  healthy: () => console.log("all well"),
  throw: () => handle({ customer: "ada@example.org" }),
  text: () => {
    throw "a text, not an error";
  },
  reject: () => Promise.reject(new TypeError("the bank declined")),
  exit: () => leave(),
  code: () => {
    process.exitCode = 4;
  },
  // The program has a net of its own: it goes on, and the client must not be in the way.
  survive: () => {
    process.on("uncaughtException", (error) => console.log(`caught: ${error.constructor.name}`));
    setTimeout(() => console.log("still here"), 20);
    setTimeout(() => handle({}), 1);
    setTimeout(() => {
      throw new RangeError("odd");
    }, 2);
  },
  // Errors that fight back.
  hostile: () => {
    const error = new Error("odd");
    Object.defineProperty(error, "name", {
      get() {
        throw new Error("no name for you");
      },
    });
    throw error;
  },
  retry: () => {
    for (let i = 0; i < Number(process.argv[3]); i++) client?.retried("upload");
  },
  flush: async () => {
    await client?.flush();
    console.log("flushed");
  },
}[what];
await run?.();
