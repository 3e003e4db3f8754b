import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { freshUser, programOf } from "./client-fixture.ts";
import { mayReport, type Purpose, type Situation, toEndpoint } from "./consent.ts";
import { discloseOnce } from "./disclosure.ts";
import { settingsFile } from "./places.ts";
import { changeSettings, readSettings } from "./settings.ts";

const ENDPOINT = "https://crashes.example.org";
const program = programOf({ endpoint: ENDPOINT });

function situation(env: Record<string, string> = {}, rest: Partial<Situation> = {}): Situation {
  const user = freshUser();
  return { env: { ...user.env, ...env }, terminal: true, asked: false, ...rest };
}

/** A user to whom everything was shown: the one state in which something may leave. */
function informed(env: Record<string, string> = {}, rest: Partial<Situation> = {}): Situation {
  const before = situation();
  discloseOnce(program, before, () => {});
  return { ...before, env: { ...before.env, ...env }, ...rest };
}

const reason = (purpose: Purpose, given: Situation, of = program): string => mayReport(purpose, of, given).reason;

function writeSettings(given: Situation, text: string): Situation {
  mkdirSync(dirname(settingsFile(given.env)), { recursive: true });
  writeFileSync(settingsFile(given.env), text);
  return given;
}

/** As when the folder that a person keeps their settings in is not mounted. */
function linkSettings(given: Situation, target: string): Situation {
  mkdirSync(dirname(settingsFile(given.env)), { recursive: true });
  symlinkSync(target, settingsFile(given.env));
  return given;
}

describe("mayReport", () => {
  it("allows sending after the disclosure, with an endpoint, on a terminal", () => {
    expect(mayReport("send", program, informed())).toEqual({
      allowed: true,
      reason: "allowed",
      endpoint: `${ENDPOINT}/v1/crash`,
    });
  });

  it("keeps reports before the disclosure, and sends none", () => {
    expect(reason("keep", situation())).toBe("allowed");
    expect(reason("send", situation())).toBe("not_disclosed");
  });

  const OFF: readonly (readonly [string, string, Situation])[] = [
    ["DO_NOT_TRACK=1", "do_not_track", informed({ DO_NOT_TRACK: "1" })],
    ["DO_NOT_TRACK=true", "do_not_track", informed({ DO_NOT_TRACK: "true" })],
    ["PRUNELLA_TELEMETRY=off", "env_off", informed({ PRUNELLA_TELEMETRY: "off" })],
    ["PRUNELLA_TELEMETRY=OFF", "env_off", informed({ PRUNELLA_TELEMETRY: " OFF " })],
    ["PRUNELLA_TELEMETRY=perhaps", "env_off", informed({ PRUNELLA_TELEMETRY: "perhaps" })],
    ["CI=true", "ci", informed({ CI: "true" })],
    ["CODEBUILD_BUILD_ID=shop:1", "ci", informed({ CODEBUILD_BUILD_ID: "shop:1" })],
    ["GITHUB_ACTIONS=true", "ci", informed({ GITHUB_ACTIONS: "true" })],
    ["no terminal", "no_terminal", informed({}, { terminal: false })],
    ["PRUNELLA_AIR_GAP=1", "air_gap", informed({ PRUNELLA_AIR_GAP: "1" })],
    ["settings of garbage", "settings_unreadable", writeSettings(informed(), '{"telemetry":')],
    ["settings of another type", "settings_unreadable", writeSettings(informed(), '{"telemetry":"maybe"}')],
    ["settings that are a list", "settings_unreadable", writeSettings(informed(), "[]")],
    ["settings that lead to nothing", "settings_unreadable", linkSettings(informed(), "/nowhere/at/all.json")],
    ["settings off", "settings_off", writeSettings(informed(), '{"telemetry":"off"}')],
    ["settings off for this program", "program_off", writeSettings(informed(), '{"programs_off":["shop"]}')],
    ["settings with an air gap", "air_gap", writeSettings(informed(), '{"air_gap":true}')],
  ];

  it.each(OFF)("%s is off, for sending and for writing alike", (_name, expected, given) => {
    expect(reason("send", given)).toBe(expected);
    expect(reason("keep", given)).toBe(expected);
    // Neither a person's command nor any "on" brings it back.
    expect(mayReport("send", program, { ...given, asked: true }).allowed).toBe(false);
    expect(mayReport("send", program, { ...given, env: { PRUNELLA_TELEMETRY: "on", ...given.env } }).allowed).toBe(
      false,
    );
  });

  it("is not turned on by the settings where the environment says off", () => {
    const given = informed({ CI: "1" });
    changeSettings(given.env, { telemetry: "on" });
    expect(reason("send", given)).toBe("ci");
  });

  it("takes a program's own air gap at its word", () => {
    expect(reason("keep", informed(), programOf({ endpoint: ENDPOINT, airGap: true }))).toBe("air_gap");
  });

  it("sends nothing without an endpoint, and nothing to what is no endpoint", () => {
    expect(reason("send", informed(), programOf())).toBe("no_endpoint");
    for (const endpoint of [
      "file:///etc/passwd",
      "crashes.example.org",
      "https://user:secret@example.org",
      "javascript:alert(1)",
    ])
      expect(reason("send", informed(), programOf({ endpoint }))).toBe("endpoint_invalid");
  });

  it("sends nothing to another server than the one that was shown, unless the user names it", () => {
    const other = programOf({ endpoint: "https://elsewhere.example.org" });
    const given = informed();
    expect(reason("send", given, other)).toBe("endpoint_changed");
    changeSettings(given.env, { endpoint: "https://mine.example.org" });
    expect(mayReport("send", other, given)).toMatchObject({
      allowed: true,
      endpoint: "https://mine.example.org/v1/crash",
    });
  });

  it("leaves every report of an asking program until a person asked", () => {
    const asking = programOf({ endpoint: ENDPOINT, mode: "ask" });
    expect(reason("send", informed(), asking)).toBe("ask");
    expect(reason("send", informed({}, { asked: true }), asking)).toBe("allowed");
    expect(reason("keep", informed(), asking)).toBe("allowed");
  });

  it("does not take 0, false and nothing for a word", () => {
    expect(
      reason("send", informed({ DO_NOT_TRACK: "0", CI: "false", PRUNELLA_AIR_GAP: "", PRUNELLA_TELEMETRY: "" })),
    ).toBe("allowed");
  });
});

describe("the disclosure", () => {
  it("is shown once, however often it is asked for", () => {
    const given = situation();
    const shown: string[] = [];
    const results = [1, 2, 3].map(() => discloseOnce(program, given, (text) => void shown.push(text)));
    expect(results).toEqual([true, false, false]);
    expect(shown).toHaveLength(1);
  });

  it("is not shown again after off and on: what was shown and what was decided are two things", () => {
    const given = informed();
    changeSettings(given.env, { telemetry: "off" });
    changeSettings(given.env, { telemetry: "on" });
    expect(discloseOnce(program, given, () => expect.unreachable())).toBe(false);
    expect(reason("send", given)).toBe("allowed");
  });

  it("is not shown where nothing could be sent, so it is still new when something can", () => {
    for (const given of [situation({ CI: "1" }), situation({}, { terminal: false }), situation({ DO_NOT_TRACK: "1" })])
      expect(discloseOnce(program, given, () => expect.unreachable())).toBe(false);
    expect(discloseOnce(programOf(), situation(), () => expect.unreachable())).toBe(false);
  });

  it("does not count as shown when the terminal took nothing", () => {
    const given = situation();
    const broken = () => {
      throw new Error("EIO");
    };
    expect(() => discloseOnce(program, given, broken)).toThrow("EIO");
    expect(reason("send", given)).toBe("not_disclosed");
  });
});

describe("the settings", () => {
  it("keep what others wrote into the file", () => {
    const given = writeSettings(situation(), '{"theirs":{"a":1},"endpoint":"https://a.example.org"}');
    changeSettings(given.env, { telemetry: "off" });
    expect(readSettings(given.env)).toMatchObject({ telemetry: "off", endpoint: "https://a.example.org" });
  });

  it("are written anew over garbage", () => {
    const given = writeSettings(situation(), "\u0000\u0001garbage");
    expect(readSettings(given.env)).toBe("garbage");
    changeSettings(given.env, { telemetry: "on" });
    expect(readSettings(given.env)).toMatchObject({ telemetry: "on", airGap: false });
  });
});

it("brings every form of an endpoint to one", () => {
  for (const form of [ENDPOINT, `${ENDPOINT}/`, `${ENDPOINT}/v1/crash`, `${ENDPOINT}/v1/crash/?a=1#b`])
    expect(toEndpoint(form)).toBe(`${ENDPOINT}/v1/crash`);
});
