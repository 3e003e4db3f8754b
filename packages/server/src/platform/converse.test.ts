import { describe, expect, it } from "vitest";
import { converse } from "./converse.ts";

const run = async (script: string, timeoutMs = 20_000) => {
  const talk = converse([process.execPath, "-e", script], AbortSignal.timeout(timeoutMs));
  talk.write('{"hello":1}');
  const lines: string[] = [];
  for await (const line of talk.lines) lines.push(line);
  talk.end();
  return { lines, why: talk.why() };
};

describe("a program that investigates", () => {
  it("reads lines and writes lines", async () => {
    const script = 'process.stdin.once("data",(d)=>{console.log(String(d).trim());console.log("two");process.exit(0)})';
    expect(await run(script)).toEqual({ lines: ['{"hello":1}', "two"], why: "ended" });
  });

  it("is ended when it floods, by lines or in one line", async () => {
    const lines =
      'const s="x".repeat(1000)+"\\n";(function f(){while(process.stdout.write(s));process.stdout.once("drain",f)})()';
    expect((await run(lines)).why).toBe("flood");
    expect(await run(lines.replace('+"\\n"', ""))).toEqual({ lines: [], why: "flood" });
  });

  it("is ended when it never ends", async () => {
    expect(await run("setInterval(() => {}, 1000)", 1_500)).toEqual({ lines: [], why: "timeout" });
  });

  it("is told to be absent when it cannot be started", async () => {
    const talk = converse(["/nowhere/at-all"], AbortSignal.timeout(20_000));
    talk.write("{}");
    for await (const line of talk.lines) expect(line).toBe("never");
    expect(talk.why()).toBe("not_started");
  });

  it("has no token of ours in its environment", async () => {
    process.env["PRUNELLA_TEST_TOKEN"] = "made-up";
    process.env["SOME_API_TOKEN"] = "made-up";
    const { lines } = await run("console.log(JSON.stringify(Object.keys(process.env)));process.exit(0)");
    delete process.env["PRUNELLA_TEST_TOKEN"];
    delete process.env["SOME_API_TOKEN"];
    expect(lines.join("")).not.toMatch(/TOKEN/);
  });
});
