import type { ErrorValue } from "@prunella/contract";
import { FINGERPRINT_VERSIONS, scrubEvent, type FingerprintVersion } from "@prunella/scrub";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { anEvent, openKernel } from "../../../../test/kernel-fixture.ts";
import { resolveFaults } from "../intake/resolve.ts";
import type { Kernel } from "../kernel.ts";
import { createWriter } from "../store/writer.ts";
import { createFinder } from "./finder.ts";

const ALL = { status: "all", limit: 50 } as const;
/** Frames from the outermost call to the one that broke. */
const anError = (...names: string[]): ErrorValue => ({
  type: "TypeError",
  value: "x is undefined",
  module: null,
  handled: false,
  mechanism: null,
  frames: names.map((name, at) => ({
    function: name,
    module: null,
    filename: `/srv/shop/src/${name}.js`,
    line: at,
    column: 1,
    in_app: true,
    context_line: null,
    pre_context: [],
    post_context: [],
  })),
});
const send = async (kernel: Kernel, ...names: string[]) => {
  await kernel.report("default", [anEvent({ errors: [anError(...names)] })]);
  await kernel.settle();
};

describe.each(ENGINES)("grouping on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  test("attaches a trace whose caller was renamed, says why, and keeps another crash apart", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    await send(kernel, "main", "route", "handle", "checkout", "charge", "validateCard");
    await send(kernel, "main", "route", "handleOrder", "checkout", "charge", "validateCard");
    await send(kernel, "main", "route", "handle", "search", "index", "tokenise");
    const { faults } = await kernel.faults.list(ALL);
    expect(faults.map((fault) => fault.count).toSorted()).toEqual([1, 2]);
    const { keys } = await kernel.faults.detail(faults.find((fault) => fault.count === 2)?.id ?? "");
    expect(keys.map((key) => key.how).toSorted()).toEqual(["first", "similar"]);
    const similar = keys.find((key) => key.how === "similar");
    expect(similar?.detail[0]).toMatch(/^likeness [01]\.\d\d$/);
    expect(similar?.detail.join("\n")).toContain("validateCard");
  });

  test("finds the same fault after a restart, from what was stored", async () => {
    await using store = await open();
    {
      await using kernel = await openKernel(store.engine);
      await send(kernel, "main", "route", "handle", "checkout", "charge", "validateCard");
    }
    await using kernel = await openKernel(store.engine);
    await send(kernel, "main", "route", "handleOrder", "checkout", "charge", "validateCard");
    expect((await kernel.faults.list(ALL)).faults.map((fault) => fault.count)).toEqual([2]);
  });

  test("does not split a fault that an earlier version of the grouping opened", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    const event = anEvent({ errors: [anError("main", "boot")] });
    await kernel.report("default", [event]);
    await kernel.settle();
    const [opened] = (await kernel.faults.list(ALL)).faults;

    const scrubbed = scrubEvent(event);
    const find = async (...versions: FingerprintVersion[]) =>
      createFinder(store.engine.reader, [madeUp, ...versions]).find("default", scrubbed.event.value);
    const found = await find(...FINGERPRINT_VERSIONS);
    expect(found.lead?.earlier).toEqual(FINGERPRINT_VERSIONS.map((version) => version(event).fingerprints.strict));
    expect((await find()).lead?.earlier).toEqual([]);

    const incoming = { projectId: "default", receivedAt: 0, scrubbed, ...found, trace: null };
    const { faultIds } = await createWriter(store.engine).run((tx) => resolveFaults(tx, [incoming], () => "another"));
    expect([...faultIds.values()]).toEqual([opened?.id]);
    const { keys } = await kernel.faults.detail(opened?.id ?? "");
    expect(keys.map((key) => [key.how, key.parts[0]]).toSorted()).toEqual([
      ["earlier", "made up"],
      ["first", "v1 stack"],
    ]);
  });
});

/** A version that does not exist: other keys than all others, from the same reading. */
const madeUp: FingerprintVersion = (event) => {
  const { fingerprints, trace } = FINGERPRINT_VERSIONS[0](event);
  const strict = [...fingerprints.strict].toReversed().join("");
  return { fingerprints: { ...fingerprints, strict, parts: ["made up", ...fingerprints.parts] }, trace };
};
