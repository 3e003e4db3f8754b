/** Deterministic answers for the API double, all of them relative to one given time. */
import { AT_ALL_TIMES, AuditRow } from "@prunella/contract";
import type {
  Attempt,
  Decided,
  Escalation,
  EscalationPage,
  Event,
  EventSample,
  Explanation,
  FaultDetail,
  FaultKey,
  FaultRow,
  GroupingRule,
  HeartbeatPage,
  LedgerPage,
  ProbePage,
  ProgramAnswer,
  Project,
  ReleaseDetail,
  ReleaseRow,
  RetentionUse,
  StripCell,
  SupervisedRow,
  TimelinePage,
  TriggerPage,
} from "@prunella/contract";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** UUIDv7-shaped ids that count up. */
export const uuid = (kind: number, n: number): string =>
  `0193${String(kind).padStart(4, "0")}-0000-7000-8000-${String(n).padStart(12, "0")}`;
const hex = (n: number, length: number): string => (n + 1).toString(16).padStart(8, "0").repeat(8).slice(0, length);

export const PROJECT = (faultCount: number, now: number): Project => ({
  id: "default",
  title: "Default",
  dsn: "http://0123456789abcdef0123456789abcdef@127.0.0.1:4180/1",
  dsn_id: "1",
  created_at: now - 8 * 24 * HOUR,
  fault_count: faultCount,
  keys: [
    {
      public_key: "0123456789abcdef0123456789abcdef",
      dsn: "http://0123456789abcdef0123456789abcdef@127.0.0.1:4180/1",
      created_at: now - HOUR,
      ends_at: null,
    },
    {
      public_key: "fedcba9876543210fedcba9876543210",
      dsn: "http://fedcba9876543210fedcba9876543210@127.0.0.1:4180/1",
      created_at: now - 8 * 24 * HOUR,
      ends_at: now + 23 * HOUR,
    },
  ],
  deletes_at: null,
});

export const RETENTION = (now: number): RetentionUse => {
  const configured = {
    counts_by_second_ms: 48 * HOUR,
    counts_by_hour_ms: 30 * 24 * HOUR,
    bodies_ms: 90 * 24 * HOUR,
    faults_ms: 180 * 24 * HOUR,
    source_maps_ms: 180 * 24 * HOUR,
    project_bytes: 2_147_483_648,
  };
  return {
    policy: { ...configured, bodies_ms: 30 * 24 * HOUR },
    configured,
    changed: ["bodies_ms"],
    used: { bytes: 161_061_274, faults: 412, bodies: 3_120, source_maps: 14 },
    next: { fault_at: now + 5 * 24 * HOUR, body_at: now + 7 * HOUR, source_map_at: null, over_cap: false },
  };
};

const TITLES: [string, string][] = [
  ["TypeError: Cannot read properties of undefined (reading 'last4')", "chargeCard · src/checkout/card.js"],
  ["PaymentError: gateway timeout for [REDACTED:EMAIL] after 3 tries", "settle · src/payments/gateway.js"],
  ["flaky-service exited with code 7", ""],
  ["ConnectionError: connect ECONNREFUSED [REDACTED:IP]:5432", "connect · src/db/pool.ts"],
  ["ValueError: https://evil.example/reset?now <b>click here</b> \u202Egnp.exe", "parse · app/views.py"],
  ["RangeError: Maximum call stack size exceeded", "walk · src/tree.js"],
  [
    "AggregateError: all resolvers failed: a very long message that goes on and on so that it has to be cut in a row, but is whole on its page",
    "resolveAll · src/dns.js",
  ],
];

/** Small numbers that look uneven and are the same every time. */
const noise = (a: number, b: number): number => (Math.imul(a * 2654435761 + b * 40503, 2246822519) >>> 8) % 17;

export function faultRow(n: number, now: number): FaultRow {
  const [title, culprit] = TITLES[n % TITLES.length] ?? ["Error: unknown", ""];
  const status =
    n < 7
      ? (["open", "regressed", "open", "open", "open", "open", "open"] as const)[n]
      : n % 11 === 0
        ? "muted"
        : n % 7 === 0
          ? "resolved"
          : "open";
  return {
    id: uuid(1, n),
    project_id: "default",
    status: status ?? "open",
    level: n % 3 === 2 ? "fatal" : "error",
    title: n < TITLES.length ? title : `${title.slice(0, 60)} (${n})`,
    culprit,
    count: n === 1 ? 1_234_567 : 3 + noise(n, 1) * 13,
    first_seen: now - 6 * 24 * HOUR,
    last_seen: now - n * 3 * MINUTE - 20_000,
    resolved_at: null,
    resolved_in_next_release: false,
    snoozed_until: null,
    snoozed_count: null,
    assignee: n === 3 ? "mia" : null,
    merged_into: null,
    version: 1,
    sparkline: Array.from({ length: 24 }, (_, hour) => (noise(n, hour) > 9 ? noise(n, hour) : 0)),
    users: n % 5,
    environments: n % 2 === 0 ? ["production"] : ["production", "staging"],
    healing:
      n === 0
        ? {
            attempt_id: uuid(2, 1),
            state: "succeeded",
            refusal: null,
            verification: "watching",
            came_back: false,
            at: now - MINUTE,
          }
        : n === 2
          ? {
              attempt_id: uuid(2, 4),
              state: "refused",
              refusal: "budget_exhausted",
              verification: null,
              came_back: false,
              at: now - MINUTE,
            }
          : n === 3
            ? {
                attempt_id: uuid(2, 9),
                state: "succeeded",
                refusal: null,
                verification: "held",
                came_back: false,
                at: now - HOUR,
              }
            : null,
    open_escalation_id: n === 2 ? uuid(3, 0) : null,
  };
}

export function attempt(n: number, now: number, change: Partial<Attempt>): Attempt {
  return {
    id: uuid(2, n),
    project_id: "default",
    trigger_id: "restart-flaky-service",
    fault_id: uuid(1, 2),
    target: "program:flaky-service",
    action: "restart",
    args: {},
    subject: { kind: "trigger", id: "restart-flaky-service" },
    because: { kind: "evaluation", id: uuid(2, 100 + n) },
    cause: { source: "supervisor", trust: "local", level: "fatal" },
    state: "succeeded",
    refusal: null,
    refusal_detail: null,
    verification: "ineffective",
    count: 1,
    audit_log_id: 4 + n * 3,
    created_at: now - (30 - n * 6) * MINUTE,
    not_before: now - (30 - n * 6) * MINUTE + n * 2_000,
    started_at: now - (30 - n * 6) * MINUTE + n * 2_000,
    ended_at: now - (30 - n * 6) * MINUTE + n * 2_000 + 120,
    verified_at: now - (30 - n * 6) * MINUTE + 45_000,
    version: 3,
    ...change,
  };
}

const attempts = (now: number): Attempt[] => [
  attempt(1, now, {}),
  attempt(2, now, {}),
  attempt(3, now, { verified_at: now - 12 * MINUTE + 6_120 + 3_300 }),
  attempt(4, now, {
    state: "refused",
    refusal: "budget_exhausted",
    refusal_detail:
      "3 of 3 restarts are used in this hour; a larger budget.max of restart-flaky-service would change it.",
    verification: null,
    not_before: null,
    started_at: null,
    ended_at: null,
    verified_at: null,
    count: 4,
  }),
];

export const decided = (escalation: Escalation, refuses: boolean): Decided => ({
  verdict: escalation.decision !== "restart_once" ? "none" : refuses ? "refused" : "permitted",
  refusal: refuses ? "target_not_found" : null,
  detail: refuses ? "No supervisor of flaky-service is connected." : null,
  change_with: refuses ? "Start the program with `prunella run --name …`." : null,
  attempt_id: escalation.decision === "restart_once" ? uuid(2, 5) : null,
  escalation,
});

export const escalation = (now: number): Escalation => ({
  id: uuid(3, 0),
  project_id: "default",
  trigger_id: "restart-flaky-service",
  fault_id: uuid(1, 2),
  asker: "restart",
  target: "program:flaky-service",
  cause: { source: "supervisor", trust: "local", level: "fatal" },
  reason: "budget_exhausted",
  status: "open",
  note: null,
  hold: null,
  held_by: null,
  held_until: null,
  question: "Restart flaky-service once more, or leave it stopped?",
  options: [
    {
      name: "restart_once",
      effect: "act",
      label: "Restart once",
      promise: "One more start, outside the budget. If it fails again, you are asked again.",
      done: "is restarted once more",
    },
    {
      name: "leave_stopped",
      effect: "leave",
      label: "Leave stopped",
      promise: "It stays down until somebody starts it.",
      done: "stays stopped",
    },
  ],
  default_decision: "leave_stopped",
  decision: null,
  decided_by: null,
  opened_at: now - 6 * MINUTE,
  expires_at: now + 4 * HOUR,
  decided_at: null,
  args: { run: "01a1fd39-1b81-70d8-9e80-1b91f9fa5462" },
  approved_until: null,
  failures_since: 2,
  version: 1,
});

/** What a decision to restart had done. */
export const answerOf = (row: Escalation, now: number, verification: Attempt["verification"]): Attempt | null =>
  row.decision !== "restart_once"
    ? null
    : attempt(5, now, {
        because: { kind: "escalation", id: row.id },
        subject: { kind: "person", id: "operator" },
        verification,
        created_at: row.decided_at ?? now,
        not_before: row.decided_at ?? now,
        started_at: (row.decided_at ?? now) + 300,
        ended_at: (row.decided_at ?? now) + 400,
        verified_at:
          verification === "held" || verification === "ineffective"
            ? (row.decided_at ?? now) + (verification === "held" ? 10_400 : 2_700)
            : null,
      });

export function escalationPage(
  open: Escalation | null,
  all: boolean,
  now: number,
  answer: Attempt | null = null,
): EscalationPage {
  const hour = Math.floor(now / HOUR) * HOUR;
  const recent = Array.from({ length: 24 }, (_, index): [number, number] => [hour - index * HOUR, noise(2, index)]);
  const old: Escalation = {
    ...escalation(now),
    id: uuid(3, 1),
    status: "decided",
    decision: "restart_once",
    decided_by: { kind: "person", id: "operator" },
    decided_at: now - 3 * HOUR,
    opened_at: now - 4 * HOUR,
    reason: "ineffective",
  };
  const rows = [...(open !== null && (open.status === "open" || all) ? [open] : []), ...(all ? [old] : [])];
  return {
    escalations: rows.map((row) => ({
      ...row,
      fault_title: TITLES[2]?.[0] ?? null,
      attempts: attempts(now),
      answer: row.id === old.id ? answerOf(row, now, "held") : answer,
      recent,
    })),
    open: open?.status === "open" ? 1 : 0,
  };
}

function event(now: number): Event {
  const frame = (name: string, filename: string, line: number, own: boolean, context: string | null) => ({
    function: name,
    module: null,
    filename,
    line,
    column: 17,
    in_app: own,
    context_line: context,
    pre_context:
      context === null
        ? []
        : ["async function chargeCard(order) {", "  const customer = await customers.find(order.customerId);"],
    post_context: context === null ? [] : ["  return gateway.charge(order.total, last4);", "}"],
  });
  return {
    id: hex(1, 32),
    source: "sentry",
    trust: "public",
    level: "error",
    at: now - 20_000,
    release: "shop-api@1.4.2",
    environment: "production",
    platform: "node",
    target: null,
    errors: [
      {
        type: "Error",
        value: "connect ECONNREFUSED [REDACTED:IP]:6379, token [REDACTED:BEARER]",
        module: null,
        handled: null,
        mechanism: "chained",
        frames: [
          frame("TCPConnectWrap.afterConnect", "node:net", 1611, false, null),
          frame("find", "src/customers/store.js", 40, true, "  const row = await cache.get(`customer:${id}`);"),
        ],
      },
      {
        type: "TypeError",
        value: "Cannot read properties of undefined (reading 'last4')",
        module: null,
        handled: false,
        mechanism: "auto.node.onuncaughtexception",
        frames: [
          frame("process.processTimers", "node:internal/timers", 519, false, null),
          frame("listOnTimeout", "node:internal/timers", 581, false, null),
          frame("checkout", "src/checkout/index.js", 88, true, "  const receipt = await chargeCard(order);"),
          frame("dispatch", "node_modules/router/lib/layer.js", 152, false, "  return fn(req, res, next);"),
          frame(
            "chargeCard",
            "src/checkout/card.js",
            14,
            true,
            "  const { last4 } = customer.card; // a rather long line of source that does not fit into a narrow window and has to scroll on its own",
          ),
        ],
      },
    ],
    message: null,
    message_template: null,
    stack_text: null,
    sdk_fingerprint: null,
    transaction: "POST /checkout",
    server_name: null,
    exit_code: null,
    signal: null,
    tags: {
      customer: "[REDACTED:EMAIL]",
      region: "eu-west",
      "a-very-long-tag-name-that-does-not-end-soon": "https://evil.example/never-a-link",
    },
    breadcrumbs: [
      {
        at: now - 60_000,
        category: "http",
        level: "info",
        message: "GET http://evil.example/a 200",
        data: { method: "GET", status_code: 200 },
      },
      {
        at: now - 40_000,
        category: "console",
        level: "warning",
        message: "card missing for [REDACTED:EMAIL]",
        data: null,
      },
      { at: null, category: null, level: null, message: "no time, no category", data: null },
    ],
    context: {
      runtime: { name: "node", version: "v26.10.0" },
      request: { method: "POST", headers: { cookie: "[REDACTED:COOKIE]", host: "shop.example" } },
      extra: {},
    },
  };
}

/** The same failure by an older build: other parameters, a moved line, another caller. */
function earlier(event: Event): Event {
  return {
    ...event,
    errors: event.errors.map((error) => ({
      ...error,
      value: error.value?.replace("6379", "6380").replace("last4", "expiry") ?? null,
      frames: error.frames.map((frame) => ({
        ...frame,
        line: frame.line === 14 ? 12 : frame.line,
        function: frame.function === "checkout" ? "placeOrder" : frame.function,
      })),
    })),
  };
}

export const sample = (now: number, eventId = hex(1, 32)): EventSample => ({
  event_id: eventId,
  received_at: now - 20_000,
  event: { ...(eventId === hex(1, 32) ? event(now) : earlier(event(now))), id: eventId },
  redactions: { EMAIL: 2, IP: 1, COOKIE: 1, BEARER: 1 },
});

/** The same failure as three builds of the program told it, the last one under a version that does not exist yet. */
const KEYS: Omit<FaultKey, "fingerprint" | "fault_id">[] = [
  {
    how: "first",
    detail: [],
    parts: ["v1 stack", "class TypeError", "at src/checkout/card.js chargeCard", "at src/checkout/index.js checkout"],
    events: 1_180,
  },
  {
    how: "similar",
    detail: ["0.91 of 1: most frames that are rare elsewhere stand in the same order", "threshold 0.85"],
    parts: [
      "v1 stack",
      "class TypeError",
      "at src/checkout/card.js chargeCard",
      "at src/checkout/order.js place",
      "at src/jobs/retry.js run",
    ],
    events: 64,
  },
  {
    how: "earlier",
    detail: [],
    parts: ["v2 stack", "class TypeError", "at src/checkout/card.js chargeCard", "at src/checkout/index.js checkout"],
    events: 3,
  },
];

export function faultDetail(
  fault: FaultRow,
  now: number,
  merged: FaultDetail["merged"] = [],
  keys: number = KEYS.length,
): FaultDetail {
  const hour = Math.floor(now / HOUR) * HOUR;
  const trend: [number, number][] = [];
  for (let index = 120; index >= 0; index--)
    if (noise(5, index) > 7) trend.push([hour - index * HOUR, noise(5, index)]);
  return {
    fault,
    fingerprints: {
      version: 1,
      strict: hex(2, 32),
      loose: null,
      message: null,
      by: "stack",
      parts: KEYS[0]?.parts ?? [],
    },
    keys: KEYS.slice(0, keys).map((key, index) => ({ ...key, fault_id: fault.id, fingerprint: hex(2 + index, 32) })),
    merged,
    trend,
    releases: [
      { release: "shop-api@1.4.2", first_seen: now - 30 * HOUR, count: 40 },
      { release: "shop-api@1.4.1", first_seen: now - 100 * HOUR, count: 12 },
    ],
    environments: [
      { environment: "production", count: 50 },
      { environment: "", count: 2 },
    ],
    trust: [
      { trust: "public", count: 48 },
      { trust: "local", count: 4 },
    ],
    sources: [
      { source: "sentry", count: 48 },
      { source: "supervisor", count: 4 },
    ],
    latest: sample(now),
    samples: [
      { event_id: hex(1, 32), received_at: now - 20_000 },
      { event_id: hex(9, 32), received_at: now - 2 * HOUR },
    ],
    kept: { bodies: 2, bytes: 24_000, of: fault.count },
    told_twice: fault.healing === null ? 0 : 2,
    came_back: fault.healing === null ? [] : [uuid(2, 1), uuid(2, 3)],
    attempts: fault.healing === null ? [] : attempts(now),
    escalations: fault.open_escalation_id === null ? [] : [escalation(now)],
    changes: [],
  };
}

export const releaseRow = (n: number, now: number, faults: readonly FaultRow[]): ReleaseRow => ({
  project_id: "default",
  version: `shop-api@1.4.${2 - n}`,
  known_since: now - (n + 1) * 30 * HOUR,
  first_event: n === 0 ? now - 30 * HOUR : now - 100 * HOUR,
  last_event: n === 2 ? null : now - n * HOUR - 20_000,
  events: n === 2 ? 0 : 1_204 >> n,
  new_faults: n === 0 ? faults.filter(({ status }) => status === "open").length : 0,
  regressed_faults: n === 0 ? faults.filter(({ status }) => status === "regressed").length : 0,
  date_released: n === 1 ? "2026-11-20T12:00:00Z" : null,
  deployed_to: n === 1 ? ["production"] : [],
});

export const releaseDetail = (n: number, now: number, faults: FaultRow[]): ReleaseDetail => ({
  release: releaseRow(n, now, faults),
  before: n === 2 ? null : `shop-api@1.4.${1 - n}`,
  new_faults: n === 0 ? faults.filter(({ status }) => status === "open") : [],
  regressed_faults: n === 0 ? faults.filter(({ status }) => status === "regressed") : [],
});

export const rules = (now: number): GroupingRule[] => [
  {
    id: uuid(5, 0),
    project_id: "default",
    when: { message: "timeout after * ms*", file: "src/payments/*" },
    group_as: "slow upstream",
    created_at: now - 26 * HOUR,
  },
  {
    id: uuid(5, 1),
    project_id: "default",
    when: { error_class: "ConnectionError" },
    group_as: "{class} in {function}",
    created_at: now - 2 * HOUR,
  },
];

export const explanation = (fault: FaultRow, now: number): Explanation => ({
  fault_id: fault.id,
  status: fault.status,
  summary:
    fault.healing === null
      ? "Prunella did nothing about this fault: its events come from a public key, and no trigger speaks of it."
      : "Prunella restarted flaky-service 3 times; the fourth restart was held back because the budget of the hour is used up.",
  refusal:
    fault.healing === null
      ? null
      : {
          refusal: "budget_exhausted",
          check: 7,
          detail: "3 of 3 restarts are used in this hour.",
          change_with: "Decide the escalation, or raise restart.budget.",
          at: now - 6 * MINUTE,
          attempt_id: uuid(2, 4),
        },
  grouping: faultDetail(fault, now).fingerprints,
  triggers: [],
});

export const triggerPage = (killed: TriggerPage["killed"], now: number): TriggerPage => ({
  triggers: [
    {
      id: "restart-flaky-service",
      project_id: "default",
      condition: { target: "program:flaky-service", level: "fatal" },
      target: null,
      remedies: [{ action: "restart", args: {}, timeout_ms: 60_000 }],
      debounce: { count: 1, window_ms: MINUTE },
      budgets: [{ scope: "trigger", max: 3, window_ms: HOUR, used: 3, next_free_at: now + 10 * MINUTE }],
      ceilings: [{ scope: "trigger", max: 1, active: 0 }],
      backoff: { base_ms: 1_000, max_ms: 30_000 },
      verify_ms: 10_000,
      ...AT_ALL_TIMES,
      storm: { over: "project", min_healthy: 2, cooldown_ms: 10 * MINUTE },
      sprint_at: "fatal",
      log_evaluations: "all",
      envelope: {
        enabled: true,
        actions: ["restart"],
        targets: ["program:flaky-service"],
        expected_symptoms: [],
        allow_public: false,
        excludes: ["any other program", "the machine itself"],
      },
      now: {
        maintenance_until: null,
        quiet_until: null,
        storm_until: null,
        is_asked: false,
        is_left_to_person: false,
        lacks: null,
        envelope: null,
      },
      version: 1,
      last_attempt: attempts(now)[2] ?? null,
      last_proven: { at: now - 9 * HOUR, version: 1 },
    },
  ],
  next: null,
  killed,
});

/** Half hours: up, but for the named ones. */
const day = (odd: Record<number, SupervisedRow["day"]["slots"][number]>): SupervisedRow["day"] => {
  const slots = Array.from({ length: 48 }, (_, at) => odd[at] ?? { state: "running" as const, crashes: 0 });
  const up = slots.filter(({ state }) => state === "running").length;
  return {
    slot_ms: 30 * MINUTE,
    slots,
    up_ms: up * 30 * MINUTE,
    crashes: slots.reduce((sum, one) => sum + one.crashes, 0),
  };
};

const aProgram = (n: number, now: number, change: Partial<SupervisedRow>): SupervisedRow => ({
  run_id: uuid(4, n),
  name: "shop-api",
  project_id: "default",
  state: "running",
  pid: 4_100 + n,
  since: now - 3 * HOUR,
  restarts: 0,
  restarts_day: 0,
  last_crash: null,
  fault_id: null,
  open_escalation_id: null,
  last_attempt: null,
  day: day({}),
  vitals: null,
  ...change,
});

/** One of each state. */
export const supervised = (now: number): SupervisedRow[] => [
  aProgram(0, now, {
    name: "flaky-service",
    state: "waiting",
    pid: null,
    since: now - 6 * MINUTE,
    restarts: 3,
    restarts_day: 6,
    last_crash: { at: now - 6 * MINUTE, exit_code: 7, signal: null },
    fault_id: uuid(1, 2),
    open_escalation_id: uuid(3, 0),
    last_attempt: {
      id: uuid(2, 4),
      action: "restart",
      by: { kind: "trigger", id: "restart-flaky-service" },
      state: "refused",
      refusal: "budget_exhausted",
      verification: null,
      at: now - 6 * MINUTE,
    },
    day: day({
      30: { state: "waiting", crashes: 2 },
      46: { state: "waiting", crashes: 3 },
      47: { state: "waiting", crashes: 1 },
    }),
  }),
  aProgram(1, now, {
    vitals: { at: now, rss_bytes: 56_623_104, cpu: 0.034 },
    last_crash: { at: now - 3 * HOUR, exit_code: null, signal: "SIGSEGV" },
    fault_id: uuid(1, 0),
    restarts: 1,
    restarts_day: 1,
    last_attempt: {
      id: uuid(2, 9),
      action: "restart",
      by: { kind: "trigger", id: "restart-shop-api" },
      state: "succeeded",
      refusal: null,
      verification: "held",
      at: now - 3 * HOUR,
    },
    day: day({ 41: { state: "waiting", crashes: 1 } }),
  }),
  aProgram(2, now, {
    name: "mailer",
    state: "stopped",
    pid: null,
    since: now - 90 * MINUTE,
    day: day({
      45: { state: "stopped", crashes: 0 },
      46: { state: "stopped", crashes: 0 },
      47: { state: "stopped", crashes: 0 },
    }),
  }),
  aProgram(3, now, {
    name: "a-program-with-a-name-that-is-as-long-as-a-name-may-ever-be-here",
    project_id: "shop",
    state: "waiting",
    pid: null,
    since: now - 2_000,
    restarts: 12,
    restarts_day: 12,
    last_crash: { at: now - 2_000, exit_code: 1, signal: null },
    fault_id: uuid(1, 3),
    day: day(Object.fromEntries(Array.from({ length: 40 }, (_, at) => [at, { state: "gone", crashes: 0 }]))),
  }),
];

/** What the gate says to a person who has a program started, stopped or restarted. */
export const programAnswer = (n: number, refuses: boolean): ProgramAnswer => ({
  verdict: refuses ? "refused" : "permitted",
  refusal: refuses ? "killed" : null,
  detail: refuses ? "The kill switch is on." : null,
  change_with: refuses ? "prunella unkill" : null,
  attempt_id: uuid(2, n),
});

export function ledgerPage(from: number, limit: number, now: number): LedgerPage {
  const size = 131;
  const entries: LedgerPage["entries"] = [];
  for (let index = from; index < Math.min(size, from + limit); index++) {
    const at = now - (size - index) * MINUTE;
    const entry =
      index === 0
        ? {
            v: 1,
            at,
            type: "genesis",
            origin: "prunella.example/log",
            vkey_sha256: hex(3, 64),
            software: "prunella/0.1.0",
          }
        : index % 3 === 1
          ? {
              v: 1,
              at,
              type: "attempt_intent",
              project: "default",
              attempt: uuid(2, index),
              trigger: "restart-flaky-service",
              fault: uuid(1, 2),
              target: "flaky-service",
              action: "restart",
              authority: "policy",
            }
          : {
              v: 1,
              at,
              type: "attempt_outcome",
              project: "default",
              attempt: uuid(2, index),
              intent: index - 1,
              state: "succeeded",
            };
    entries.push({ index, leaf_hash: hex(index, 64), entry });
  }
  return { size, root: "pS7mFzkcD3wXq0kQ4Yl0n6k1y3sVJvQmJk0v6s1b2cE=", entries };
}

/** A quarter of a day well, then one look that was not. */
const strip = (now: number): StripCell[] =>
  Array.from({ length: 96 }, (_, at) => ({
    at: now - (95 - at) * 900_000,
    status: at < 70 ? null : at === 80 ? "unhealthy" : "healthy",
  }));

export const probePage = (now: number): ProbePage => ({
  probes: [
    {
      project_id: "default",
      name: "shop-http",
      target: "program:flaky-service",
      status: "unhealthy",
      category: "refused",
      detail: "127.0.0.1:8080 refused the connection.",
      since: now - 300_000,
      told: true,
      kind: "http",
      every_ms: 10_000,
      timeout_ms: 10_000,
      failures_needed: 2,
      failures: 30,
      checked_at: now - 4_000,
      next_due: now + 6_000,
      measured: {},
      strip: strip(now),
    },
  ],
});

export const heartbeatPage = (now: number): HeartbeatPage => ({
  heartbeats: [
    {
      project_id: "default",
      name: "nightly",
      target: "heartbeat:nightly",
      status: "healthy",
      category: "ok",
      detail: "It is heard in time.",
      since: now - 86_400_000,
      told: false,
      from: "person",
      has_key: true,
      every_ms: null,
      cron: "0 3 * * *",
      time_zone: "Europe/Berlin",
      grace_ms: 900_000,
      max_runtime_ms: null,
      heard_at: now - 3_600_000,
      started_at: null,
      took_ms: 61_000,
      next_due: now + 82_800_000,
      strip: strip(now),
    },
  ],
});

/** One story of four rows, by the four streams, newest first. */
export function timelinePage(now: number): TimelinePage {
  const row = (seconds: number) => ({
    caller_session_id: "inv:shop-http:17",
    source: "reasoning",
    emitted_at: new Date(now - 300_000 + seconds * 1_000).toISOString(),
  });
  const event = (n: number, told: TimelinePage["events"][number]["row"]) => ({
    id: uuid(8, n),
    project_id: "default",
    about: n === 2 ? uuid(2, 1) : null,
    row: told,
  });
  return {
    events: [
      event(4, {
        ...row(9),
        seam: "notification.dispatched",
        details: { kind: "investigation", channel: "desk", state: "sent" },
      }),
      event(3, {
        ...row(7),
        seam: "probe.investigation_completed",
        details: {
          probe: "shop-http",
          category: "refused",
          model: "none",
          input_tokens: 0,
          output_tokens: 0,
          cost_micros: 0,
          duration_ms: 412,
          summary: "shop-http refuses connections since the release [REDACTED:IP].\nThe restart was refused.",
          dm_status: "sent",
          fallback_reason: null,
          autofix_attempted: true,
        },
      }),
      // Of any provider’s app by name: no literal fits the type of that.
      event(
        2,
        AuditRow.parse({
          ...row(3),
          seam: "tool.probe_autofix_attempted",
          details: {
            probe: "shop-http",
            action: "restart",
            target_id: "shop",
            reason_from_reasoning: "It does not answer.",
            status: "rejected",
            rejection_reason: "envelope_disabled",
            rejection_detail: { enable_env: "PRUNELLA_AUTOFIX_SHOP_HTTP_ENABLED", message: "The envelope is off." },
          },
        }),
      ),
      event(1, {
        ...row(0),
        seam: "probe.wake_requested",
        details: { probe: "shop-http", category: "refused", target: "program:shop" },
      }),
    ],
    next: null,
  };
}
