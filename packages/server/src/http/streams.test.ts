import type { Notice } from "@prunella/contract";
import { expect, it } from "vitest";
import { createStreams } from "./streams.ts";

it("remembers the notices of the last ten seconds, each thing once and the newest last, and not without end", () => {
  let tell: (notice: Notice) => void = () => undefined;
  let now = 0;
  const streams = createStreams({ subscribe: (listener) => ((tell = listener), () => undefined) }, () => now);
  const notice = (id: string, version: number): Notice => ({ topic: "faults", id, version });
  tell(notice("a", 1));
  now = 5_000;
  tell(notice("b", 1));
  tell(notice("a", 2));
  expect(streams.recent()).toEqual([notice("b", 1), notice("a", 2)]);
  now = 14_999;
  expect(streams.recent()).toHaveLength(2);
  now = 15_000;
  expect(streams.recent()).toEqual([]);
  for (let n = 0; n < 1_000; n += 1) tell(notice(String(n), 1));
  expect(streams.recent()).toHaveLength(200);
  expect(streams.recent().at(-1)).toEqual(notice("999", 1));
});
