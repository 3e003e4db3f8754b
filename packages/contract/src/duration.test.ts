import { expect, test } from "vitest";
import { duration, nearestDuration, readDuration, writeDuration } from "./duration.ts";
import { nearestSize, readSize, size, writeSize } from "./size.ts";

test.each([
  ["500ms", 500],
  ["0s", 0],
  ["10s", 10_000],
  ["10m", 600_000],
  ["2h", 7_200_000],
  ["1d 12h", 129_600_000],
  ["1d12h", 129_600_000],
  ["1h 30m 5s 20ms", 5_405_020],
  ["10 m", 600_000],
])("the duration %s is %i ms", (text, ms) => expect(readDuration(text)).toBe(ms));

test.each([
  "",
  "10",
  "m",
  "1.5h",
  "-3s",
  "10 years",
  "12h 1d",
  "1h 1h",
  "10M",
  "1d  12h",
  "10m!",
  "9999999999999999s",
  "1 MiB",
])("%j is no duration", (text) => expect(readDuration(text)).toBe(null));

test.each([
  ["512 B", 512],
  ["64KiB", 65_536],
  ["1 MiB", 1_048_576],
  ["1.5 GiB", 1_610_612_736],
])("the size %s is %i bytes", (text, bytes) => expect(readSize(text)).toBe(bytes));

test.each(["", "1", "20 MB", "1 mib", "1 MiB 2 KiB", "-1 B", "1.0001 KiB", "0.3 B", "10m"])("%j is no size", (text) =>
  expect(readSize(text)).toBe(null),
);

test("what is written is read as the same again", () => {
  for (const ms of [0, 1, 999, 1_000, 61_000, 129_600_000, 86_399_999, 31_536_000_000])
    expect(readDuration(writeDuration(ms))).toBe(ms);
  for (const bytes of [0, 1, 1_023, 1_024, 1_536, 1_048_577, 1_610_612_736, 2 ** 40])
    expect(readSize(writeSize(bytes))).toBe(bytes);
  expect([writeDuration(129_600_000), writeSize(1_610_612_736), writeSize(1_000)]).toEqual([
    "1d 12h",
    "1.5 GiB",
    "1000 B",
  ]);
});

test.each([
  ["10", "10s"],
  ["10 min", "10m"],
  ["1.5h", "1h 30m"],
  ["2 hours", "2h"],
  ["90 Seconds", "1m 30s"],
  ["12h 1d", "1d 12h"],
])("%j was most likely meant as %s", (typed, meant) => expect(nearestDuration(typed)).toBe(meant));

test.each([
  ["20MB", "20 MiB"],
  ["20 mib", "20 MiB"],
  ["1048576", "1 MiB"],
  ["2g", "2 GiB"],
])("%j was most likely meant as %s", (typed, meant) => expect(nearestSize(typed)).toBe(meant));

test("nothing is guessed where nothing is near", () => {
  expect([nearestDuration("soon"), nearestDuration("5 years"), nearestDuration("-5m"), nearestSize("much")]).toEqual([
    null,
    null,
    null,
    null,
  ]);
});

test("the schema says what was expected, what it got, and the nearest right value", () => {
  const told = (schema: ReturnType<typeof duration>, value: unknown) =>
    schema.safeParse(value).error?.issues[0]?.message;
  expect(told(duration(), 10)).toBe(
    "expected a duration such as 500ms, 10s, 10m, 2h or 1d 12h, not 10, which has no unit; did you mean 10s",
  );
  expect(told(duration(), "10 minutes")).toContain('not "10 minutes"; did you mean 10m');
  expect(told(size(), "20MB")).toContain("did you mean 20 MiB");
  expect(told(duration({ least: "1d", most: "365d" }), "2h")).toBe("2h is too little; the least is 1d");
  expect(told(duration({ least: "1d", most: "365d" }), "366d")).toBe("366d is too much; the most is 365d");
  expect(told(duration(), null)).toContain("not null");
});
