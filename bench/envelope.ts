/**
 * Envelopes as `@sentry/node` sends them: 8,600 bytes, an event with its exception chain, twenty
 * frames with their lines of source, breadcrumbs, contexts and request. Everything secret in them
 * is made up, and put together here so that no scanner takes this file for a leak.
 */
export interface EnvelopeMaker {
  /** A whole request body with a fresh event id (32 hex digits) and the time of now. */
  make(eventId: string, now: number): Buffer;
}

/** Body size in bytes; what a Node service with context lines sends on average. */
export const ENVELOPE_BYTES = 8_600;

const token = "ghp_" + "k3Qv".repeat(9);
const bearer = ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiI4ODMxIn0", "q0Jx".repeat(8)].join(".");
const password = "korrekt-" + "pferd-" + "77";
const session = "sess" + "4f9a2c".repeat(4);
const email = ["ada.lovelace", "customers.example"].join("@");
const address = [203, 0, 113, 77].join(".");

/** Must be found nowhere under a data folder, whatever happens to the server. */
export const PLANTED: readonly string[] = [token, bearer, password, session, email, address];

const ERRORS = ["TypeError", "RangeError", "TimeoutError", "ValidationError", "PaymentDeclined", "ConnectionReset"];
const AREAS = ["cart", "checkout", "invoice", "stock", "search", "session", "shipping", "refund", "coupon", "profile"];
const VERBS = ["load", "apply", "charge", "reserve", "verify", "merge", "price", "render", "submit", "lookup"];
const LIBRARY = [
  "router/layer",
  "router/route",
  "body-parser/read",
  "pg-pool/index",
  "undici/dispatcher",
  "p-queue/queue",
];

const ID = "0".repeat(31) + "\u2042";
const TIME = "1.0000001";

/** What an event of a large service looks like: deep stacks with their sources, a hundred breadcrumbs. */
export const LARGE_BYTES = 50_000;

/** `fault` 0, 1, 2 … gives distinct causes; equal numbers give equal ones. `bytes`: of the whole body. */
export function createEnvelopeMaker(fault: number, bytes = ENVELOPE_BYTES): EnvelopeMaker {
  const [header, text] = sized(fault, bytes);
  const parts = `${header}\n{"type":"event"}\n${text}\n`.split(ID).map((part) => part.split(TIME));
  return {
    make(eventId, now) {
      const time = (now / 1000).toFixed(3);
      return Buffer.from(parts.map((part) => part.join(time)).join(eventId));
    },
  };
}

/** Filled up with the list of installed modules, as in a real event, to the byte. */
function sized(fault: number, bytes: number): [header: string, event: string] {
  const header = JSON.stringify({
    event_id: ID,
    sent_at: "2026-11-21T04:51:03.925Z",
    sdk: { name: "sentry.javascript.node", version: "11.12.0" },
    trace: {
      environment: "production",
      release: "shop-api@4.18.2",
      public_key: "0".repeat(32),
      trace_id: hex(fault, 32),
    },
  });
  const event = eventOf(fault, bytes >= LARGE_BYTES ? LARGE : USUAL);
  const length = (): number =>
    header.length +
    JSON.stringify(event).replace(`"${TIME}"`, "1795236663.914").length +
    '\n{"type":"event"}\n\n'.length;
  for (let at = 0; length() < bytes - 60 && at < 800; at += 1)
    event.modules[`@shop/part-${at}`] = `${at % 9}.${at % 13}.${at % 7}`;
  const missing = bytes - length();
  if (missing < 0) throw new Error(`the envelope of fault ${fault} is ${-missing} bytes too large`);
  event.modules["express"] = "5".padEnd(missing - '"express":"",'.length, ".2");
  return [header, JSON.stringify(event).replace(`"${TIME}"`, TIME)];
}

interface Shape {
  readonly frames: number;
  readonly causeFrames: number;
  /** Frames from the crash end that carry the lines around them, and how many before and after. */
  readonly sources: number;
  readonly around: number;
  readonly breadcrumbs: number;
}

const USUAL: Shape = { frames: 16, causeFrames: 4, sources: 2, around: 2, breadcrumbs: 6 };
const LARGE: Shape = { frames: 36, causeFrames: 20, sources: 16, around: 5, breadcrumbs: 100 };

function eventOf(fault: number, shape: Shape) {
  const area = AREAS[fault % AREAS.length] ?? "cart";
  const verb = VERBS[(fault * 3 + Math.floor(fault / AREAS.length)) % VERBS.length] ?? "load";
  const type = ERRORS[fault % ERRORS.length] ?? "Error";
  const modules: Record<string, string> = {};
  return {
    exception: {
      values: [
        {
          type: "QueryFailed",
          value: `connection to postgres://shop:${password}@db.internal:5432/shop was lost`,
          stacktrace: { frames: framesOf(area, "query", shape.causeFrames, shape) },
          mechanism: { type: "chained", handled: true, exception_id: 1, parent_id: 0, source: "cause" },
        },
        {
          type,
          value: `cannot ${verb} ${area} of customer 88${fault}1 (${email})`,
          stacktrace: { frames: framesOf(area, `${verb}${wordOf(fault)}`, shape.frames, shape) },
          mechanism: { type: "auto.node.onuncaughtexception", handled: false, exception_id: 0 },
        },
      ],
    },
    event_id: ID,
    level: fault % 4 === 3 ? "warning" : "error",
    platform: "node",
    timestamp: TIME,
    environment: "production",
    release: "shop-api@4.18.2",
    server_name: "shop-api-7f9c",
    transaction: `POST /api/${area}/:id`,
    contexts: {
      trace: { trace_id: hex(fault, 32), span_id: hex(fault, 16) },
      runtime: { name: "node", version: "v26.10.0" },
      app: { app_start_time: "2026-11-21T04:51:03.447Z", app_memory: 109_641_728, free_memory: 24_732_700_672 },
      os: { kernel_version: "6.1.0", name: "Debian", version: "12.11" },
      device: {
        arch: "x64",
        memory_size: 25_276_510_208,
        processor_count: 2,
        cpu_description: "AMD EPYC",
        processor_frequency: 2_400,
      },
      culture: { locale: "en-US", timezone: "UTC" },
    },
    request: {
      method: "POST",
      url: `https://shop.example/api/${area}/88${fault}1?page=2`,
      query_string: "page=2",
      headers: {
        host: "shop.example",
        accept: "application/json",
        "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0",
        authorization: `Bearer ${bearer}`,
        cookie: `sid=${session}; theme=dark`,
        "x-forwarded-for": address,
        "content-type": "application/json",
      },
      data: { quantity: 2, coupon: "AUTUMN", password },
    },
    user: { id: `88${fault}1`, email, ip_address: address },
    tags: { area, region: "eu-central", tier: "gold", feature: "basket-v2" },
    extra: { attempt: 3, upstream: { name: "stock", token, retryable: true } },
    breadcrumbs: Array.from({ length: shape.breadcrumbs }, (_, at) => ({
      timestamp: 1_795_236_660 + at,
      category: at % 2 === 0 ? "http" : "console",
      type: at % 2 === 0 ? "http" : "debug",
      level: "info",
      message: at === 3 ? `signed in as ${email}` : `step ${at} of ${verb} ${area}`,
      data: { method: "GET", url: `https://stock.example/v2/items/${at}`, status_code: 200 },
    })),
    sdk: {
      name: "sentry.javascript.node",
      version: "11.12.0",
      packages: [{ name: "npm:@sentry/node", version: "11.12.0" }],
      integrations: ["Http", "Express", "Context", "Modules"],
    },
    modules,
  };
}

/** Oldest call first: the library's frames, then our own; each with its line, the last with the lines around it. */
function framesOf(area: string, verb: string, count: number, { sources, around }: Shape) {
  return Array.from({ length: count }, (_, at) => {
    const library = LIBRARY[at % LIBRARY.length] ?? "router/layer";
    if (at < count / 2) {
      return {
        filename: `/srv/shop/node_modules/${library}.js`,
        module: library.replace("/", ":"),
        function: `Layer.step${at}`,
        lineno: 90 + at,
        colno: 13,
        in_app: false,
        context_line: "    return next(error, request, response);",
      };
    }
    const own = {
      filename: `/srv/shop/src/${area}/${verb}.js`,
      module: `${area}:${verb}`,
      function: `${verb}Step${at}`,
      lineno: 20 + at,
      colno: 9,
      in_app: true,
      context_line: `  const ${area} = await ${verb}(input, { at: ${at} });`,
    };
    return at < count - sources
      ? own
      : {
          ...own,
          pre_context: ["", `export async function ${verb}(input) {`, ...filling(area, at, around - 2)],
          post_context: [...filling(area, at, around - 2), `  if (!${area}) throw new Missing(input.id);`, "}"],
        };
  });
}

const filling = (area: string, at: number, count: number): string[] =>
  Array.from({ length: count }, (_, line) => `  const part${line} = ${area}.lines.at(${at}) ?? fallback(${line});`);

/** Three letters, because numbers at the end of a name do not tell two functions apart. */
const wordOf = (fault: number): string =>
  [676, 26, 1].map((place) => String.fromCharCode(65 + (Math.floor(fault / place) % 26))).join("");

function hex(seed: number, length: number): string {
  return (seed + 1)
    .toString(16)
    .padStart(4, "0")
    .repeat(length / 4);
}
