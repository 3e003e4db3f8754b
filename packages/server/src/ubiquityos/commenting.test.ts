import { expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { openKernel } from "../../../../test/kernel-fixture.ts";
import { createCommenting } from "./commenting.ts";

const OPERATOR = { kind: "person", id: "operator" } as const;
const [sqlite] = ENGINES;

it("writes no comment when it was disabled after it was let through and before it began", async () => {
  if (sqlite === undefined) throw new Error("there is no store");
  await using store = await sqlite.open();
  const kernel = await openKernel(store.engine);
  let written = 0;
  let isOff = false;
  const plugins: typeof kernel.plugins = {
    ...kernel.plugins,
    async authorize(call) {
      const verdict = await kernel.plugins.authorize(call);
      if (isOff) await kernel.plugins.switch("ubiquityos-kernel", false, "meanwhile", "default", OPERATOR);
      return verdict;
    },
  };
  const comment = createCommenting({
    kernel: { ...kernel, plugins },
    project: "default",
    log: { info() {}, warn() {} },
  });
  const write = () => {
    written += 1;
    return Promise.resolve({ ok: true as const, value: null });
  };
  const on = { occasion: "push", repo: "octo/shop", text: "It is wrong." } as const;
  expect(await comment(on, write)).toBe(false);
  const wanted = [
    { scope: "github:comment:write", resources: ["$event.repo"] },
    { scope: "events:receive", resources: ["push"] },
  ];
  await kernel.plugins.grant(
    { projectId: "default", name: "ubiquityos-kernel", wanted, reason: null, expiresAt: null },
    OPERATOR,
  );
  expect(await comment(on, write)).toBe(true);
  isOff = true;
  expect(await comment(on, write)).toBe(false);
  expect(written).toBe(1);
  expect((await kernel.plugins.history("default", "ubiquityos-kernel", 1))[0]).toMatchObject({
    state: "blocked",
    refusal: "plugin_disabled",
    audit_log_id: null,
  });
  await kernel.close();
});
