import { Event } from "@prunella/contract";
import { scrubEvent, scrubJson, scrubText } from "@prunella/scrub";
import { createEnvelopeMaker } from "../../../bench/envelope.ts";
import { normaliseEvent } from "../../../packages/server/src/doors/sentry/normalise.ts";
import { assertGone, PLANTED } from "../planted.ts";
import { BrokenPromise, parsed, samplesIn, type Target } from "../target.ts";

const WORDS = [
  ..."password= token: secret curl\u0020-u Bearer\u0020 -----BEGIN\u0020PRIVATE\u0020KEY----- ghp_ AKIA eyJ %3D \\u0061 '' [REDACTED:SECRET]".split(
    " ",
  ),
  "\u200b",
  "\0",
  "\u001b[31m",
  "=\r\n",
  '\\"',
];

const texts = (): string[] => [
  ...samplesIn("packages/scrub/src/faces/", "kinds.txt").map((text) => text.replaceAll(/[«»]/g, "")),
  ...samplesIn("packages/scrub/src/fingerprint/golden/", ".events.txt").slice(0, 200),
];

export const scrubTextTarget: Target = {
  name: "scrub-text",
  corpus: texts,
  words: WORDS,
  run(bytes) {
    const given = bytes.toString("utf8");
    const half = given.length >> 1;
    // On lines of their own, between, before and behind whatever the text is.
    const text = `${PLANTED[0]}\n${given.slice(0, half)}\n\n${PLANTED[1]}\n\n${given.slice(half)}\n${PLANTED[0]}`;
    const safe = scrubText(text).text.value;
    assertGone(safe, given);
    const again = scrubText(safe).text.value;
    if (again !== safe) throw new BrokenPromise("scrubbing twice changes something");
  },
};

export const scrubJsonTarget: Target = {
  name: "scrub-json",
  corpus: () => texts().map((text) => JSON.stringify({ text, nested: [{ key: text.slice(0, 40) }], n: 4 })),
  words: [...WORDS, '{"', '":', "[", "]", "null", '"password":', '"__proto__":'],
  run(bytes) {
    const given = parsed(bytes);
    if (given === undefined) return;
    const value = { a: given, plain: PLANTED[0], list: [PLANTED[1], given], [`key ${PLANTED[1]}`]: 1 };
    const safe = scrubJson(value).value.value;
    assertGone(JSON.stringify(safe), JSON.stringify(given));
    const again = scrubJson(safe).value.value;
    if (JSON.stringify(again) !== JSON.stringify(safe)) throw new BrokenPromise("scrubbing twice changes something");
  },
};

export const eventTarget: Target = {
  name: "event",
  corpus: () =>
    [0, 1, 2, 3].map((fault) => {
      const lines = createEnvelopeMaker(fault).make("a".repeat(32), 1_700_000_000_000).toString("utf8").split("\n");
      return lines.find((line) => line.includes('"exception"')) ?? "{}";
    }),
  words: [
    '"exception":',
    '"values":',
    '"stacktrace":',
    '"frames":',
    '"logentry":',
    '"params":',
    "[]",
    "{}",
    "null",
    "1e309",
    '"tags":[["a","b"]]',
    '"message":',
  ],
  run(bytes) {
    const given = parsed(bytes);
    const raw =
      typeof given === "object" && given !== null && !Array.isArray(given)
        ? { ...given, message: `it said ${PLANTED[0]} and stopped`, extra: { note: PLANTED[1] } }
        : given;
    const event = normaliseEvent(raw, { trust: "public", receivedAt: 1_700_000_000_000, fallbackId: "b".repeat(32) });
    if (event === null) return;
    const checked = Event.safeParse(event);
    if (!checked.success)
      throw new BrokenPromise(`no event of the contract: ${checked.error.issues[0]?.message ?? ""}`);
    const safe = scrubEvent(event).event.value;
    assertGone(JSON.stringify(safe), JSON.stringify(given));
  },
};
