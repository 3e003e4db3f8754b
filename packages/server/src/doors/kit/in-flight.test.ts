import { expect, it } from "vitest";
import { createInFlight, newByteCount, openByteCount } from "./in-flight.ts";

it("bounds what both sides hold together, and lets go of what a side that ended held", () => {
  const memory = newByteCount();
  const [here, there] = [openByteCount(memory, 0), openByteCount(memory, 1)];
  const [packed, unpacked] = [createInFlight(100, here).hold(), createInFlight(100, there).hold()];
  packed.reserve(40);
  unpacked.reserve(60);
  expect(() => packed.reserve(1)).toThrow(expect.objectContaining({ code: "PRUNELLA_INGEST_BUSY" }));
  expect(() => unpacked.reserve(1)).toThrow(expect.objectContaining({ code: "PRUNELLA_INGEST_BUSY" }));
  here.forget(1);
  packed.reserve(60);
  expect(createInFlight(100, here).usedBytes).toBe(100);
  packed[Symbol.dispose]();
  expect(createInFlight(100, here).usedBytes).toBe(0);
});
