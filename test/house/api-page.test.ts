import { expect, it } from "vitest";
import { createApi } from "../../packages/server/src/http/api.ts";
import { createPluginManager } from "../../packages/server/src/plugins/manager/manager.ts";
import { createWaysIn } from "../../packages/server/src/people/people.ts";
import { ENGINES } from "../engines.ts";
import { openKernel, testClock, testRng } from "../kernel-fixture.ts";
import { read } from "./files.ts";

it("docs/api.md lists every route of the operator API, and no other", async () => {
  await using opened = await ENGINES[0]?.open();
  if (!opened) throw new Error("there is no engine");
  await using kernel = await openKernel(opened.engine);
  const unused = () => Promise.reject(new Error("only the routes are looked at"));
  const waysIn = createWaysIn({ kernel, rng: testRng(), now: testClock().now, url: () => "", oidc: null });
  const api = createApi({
    kernel,
    publisher: {
      wake: () => undefined,
      verify: unused,
      cosign: unused,
      read: unused,
      isWell: () => true,
      publishedSize: unused,
      close: unused,
    },
    verifyLedger: unused,
    witnesses: [],
    token: "",
    linkSignIn: true,
    channels: [],
    waysIn,
    plugins: createPluginManager({ kernel, dataFolder: "/nowhere", ours: null }),
    invokePlugin: unused,
    repositories: null,
    pluginCalls: { after: () => ({ calls: [], last: 0 }) },
    url: () => "",
    reload: unused,
    dsnOf: () => "",
    now: testClock().now,
    startedAt: 0,
    isDemo: false,
    command: "prunella",
    checksAnswers: true,
    closing: new AbortController().signal,
  });
  // Wrong methods are refused on every path.
  const routes = api.routes.filter(({ method }) => method !== "ALL").map(({ method, path }) => `${method} /v1${path}`);
  const [operator = ""] = read("docs/api.md").split("## Other addresses");
  const listed = [...operator.matchAll(/^\| ([A-Z]+) \| `(\/v1\/[^`]+)` \|/gm)].map(
    ([, method, path]) => `${method} ${path}`,
  );
  expect(listed.toSorted()).toEqual([...new Set(routes)].toSorted());
});
