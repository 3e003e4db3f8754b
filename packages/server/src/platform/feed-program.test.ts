import { afterEach, expect, test, vi } from "vitest";
import { feedProgram } from "./feed-program.ts";

const given = { cwd: ".", env: { PATH: process.env["PATH"] ?? "" } };

afterEach(() => void vi.restoreAllMocks());

test("a program that is not done in time is killed, and told as late", async () => {
  expect(await feedProgram(["sleep", "60"], "", { ...given, ms: 50 })).toEqual({ code: null, isLate: true });
  expect(await feedProgram(["sh", "-c", "cat >/dev/null; exit 3"], "text", { ...given, ms: 30_000 })).toEqual({
    code: 3,
    isLate: false,
  });
});

test.each(["EPERM", "ESRCH"])("a program that cannot be killed (%s) is told as late, and ends nobody", async (code) => {
  const kill = process.kill.bind(process);
  const asked: number[] = [];
  vi.spyOn(process, "kill").mockImplementation((pid) => {
    asked.push(pid);
    throw Object.assign(new Error(`kill ${code}`), { code });
  });
  expect(await feedProgram(["sleep", "60"], "", { ...given, ms: 50 })).toEqual({ code: null, isLate: true });
  const [group = 0] = asked;
  expect(group).toBeLessThan(-1);
  kill(group, "SIGKILL");
});
