import { createEnvelopeMaker } from "../../../bench/envelope.ts";
import { aBundle, aMap as aMapText } from "../../../packages/server/src/doors/releases/bundle-fixture.ts";
import { readBundle } from "../../../packages/server/src/doors/releases/bundle.ts";
import { readReport } from "../../../packages/server/src/doors/crash/report.ts";
import { parseJson } from "../../../packages/server/src/doors/kit/record.ts";
import { readAuth } from "../../../packages/server/src/doors/sentry/auth.ts";
import { decodeItems } from "../../../packages/server/src/doors/sentry/decode.ts";
import { parseEnvelope } from "../../../packages/server/src/doors/sentry/envelope.ts";
import { SENTRY_LIMITS } from "../../../packages/server/src/doors/sentry/limits.ts";
import { decodeStore } from "../../../packages/server/src/doors/sentry/store-body.ts";
import { allowRefusal, type Target } from "../target.ts";

const options = () => ({ trust: "public", receivedAt: 1_700_000_000_000, newId: () => "c".repeat(32) }) as const;
const envelope = (fault: number): Buffer => createEnvelopeMaker(fault).make("a".repeat(32), 1_700_000_000_000);

export const envelopeTarget: Target = {
  name: "envelope",
  corpus: () => [
    envelope(0),
    envelope(1),
    '{}\n{"type":"event","length":2}\n{}\n{"type":"log","item_count":1}\n{"items":[{"level":"error","body":"x"}]}\n',
    '{"event_id":"0123"}\r\n{"type":"client_report"}\r\n{"discarded_events":[{"reason":"queue_overflow","category":"error","quantity":3}]}\r\n',
  ],
  words: [
    '{"type":"',
    '"length":',
    '"event"',
    '"log"',
    '"client_report"',
    '"attachment"',
    "\n",
    "\r\n",
    "99999999",
    "-1",
  ],
  run: (bytes) => allowRefusal(() => decodeItems(parseEnvelope(bytes, SENTRY_LIMITS), options())),
};

export const storeTarget: Target = {
  name: "store",
  corpus: () => [
    '{"message":"x","level":"error"}',
    '\ufeff{"exception":[{"type":"E","value":"v"}]}',
    "eJyrVspNLS5OTE9VslKqUKoFACiUBOI=",
  ],
  words: ['"message":', "eJ", "=", "[[", "{"],
  run: (bytes) => allowRefusal(() => decodeStore(bytes, options())),
};

export const crashReportTarget: Target = {
  name: "crash-report",
  corpus: () => [
    JSON.stringify({
      error_class: "TypeError",
      stack_signature: ["load@app/x.js", "run@app/y.js"],
      exit_code: 1,
      signal: null,
      platform: "linux",
      runtime: "node 26",
      fingerprint: "a".repeat(64),
    }),
  ],
  words: ['"error_class":', '"stack_signature":', '"fingerprint":', '"exit_code":', '"__proto__":', "[", "]"],
  run: (bytes) => readReport(parseJson(bytes), { now: 1_700_000_000_000, eventId: "d".repeat(32) }),
};

export const dsnTarget: Target = {
  name: "dsn",
  corpus: () => [
    `https://${"a".repeat(32)}@host.example/12\n/api/12/envelope/?sentry_key=${"b".repeat(32)}\nSentry sentry_version=7, sentry_key=${"c".repeat(32)}, sentry_client="x/1"`,
    "http://key:secret@[::1]:9000/path/7/\n/api/7/store/\nBasic eDp5",
  ],
  words: ["sentry_key=", "Sentry ", "://", "@", "%", "?", "/api/"],
  run(bytes) {
    const [dsn = "", url = "", header = ""] = bytes.toString("latin1").split("\n");
    readAuth({
      url,
      headers: { "x-sentry-auth": header },
      envelopeHeader: { dsn, sdk: { name: header, version: url } },
    });
    readAuth({ url, headers: { authorization: header }, envelopeHeader: dsn });
  },
};

export const bundleTarget: Target = {
  name: "bundle",
  corpus: () => [
    aBundle(
      { "files/_/_/app.js.map": { url: "~/app.js.map", type: "source_map", text: aMapText } },
      { release: "1.0" },
    ),
  ],
  words: ["PK\u0001\u0002", "PK\u0003\u0004", "PK\u0005\u0006", "manifest.json"],
  run: (bytes) =>
    allowRefusal(() => {
      for (const map of readBundle(bytes).maps) map.text();
    }),
};
