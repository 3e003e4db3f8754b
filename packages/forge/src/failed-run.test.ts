import { describe, expect, it } from "vitest";
import { hearFailure } from "./failed-run.ts";

const US = { logins: ["prunella[bot]"] };
const repository = { full_name: "acme/shop" };
const run = {
  name: "Build",
  conclusion: "failure",
  head_branch: "main",
  head_sha: "a".repeat(40),
  html_url: "https://x",
};
const told = (more: object, payload: object = {}) =>
  hearFailure(
    "workflow_run.completed",
    { repository, sender: { login: "ada" }, workflow_run: { ...run, ...more }, ...payload },
    US,
  );

describe("a workflow that ended", () => {
  it("failed, and says where and which", () => {
    expect(told({})).toEqual({
      kind: "failed",
      run: {
        event: "workflow_run.completed",
        kind: "workflow",
        repo: "acme/shop",
        name: "Build",
        conclusion: "failure",
        branch: "main",
        commit: "a".repeat(40),
        url: "https://x",
      },
    });
  });

  it.each(["success", "cancelled", "skipped", "neutral", "stale", "action_required", null])(
    "did not fail by %s",
    (conclusion) => {
      expect(told({ conclusion })).toEqual({ kind: "nothing", why: "no_failure" });
    },
  );

  it.each([
    ["our user sent it", {}, { sender: { login: "Prunella[bot]" } }],
    ["our user set it off", { actor: { login: "prunella[bot]" } }, {}],
    ["our user ran it again", { triggering_actor: { login: "prunella[bot]" } }, {}],
    ["our user set it off at Gitea", { trigger_actor: { login: "prunella[bot]" } }, {}],
    ["it is of a branch of ours", { head_branch: "prunella/fix-1" }, {}],
    ["its title bears our marker", { display_title: "x <!-- prunella:1 -->" }, {}],
    ["its commit bears our marker", { head_commit: { message: "x\n\n<!-- prunella:1 -->" } }, {}],
  ])("is nothing where %s", (_, more, payload) => {
    expect(told(more, payload)).toEqual({ kind: "nothing", why: "ours" });
  });

  it("is nothing where it came out of a fork, which strangers name as they like", () => {
    expect(told({ head_repository: { full_name: "mallory/shop" } })).toEqual({ kind: "nothing", why: "of_a_fork" });
    expect(told({ head_repository: { full_name: "Acme/Shop" } }).kind).toBe("failed");
  });
});

describe("a check that ended", () => {
  const check = (more: object) =>
    hearFailure(
      "check_run.completed",
      {
        repository,
        check_run: { ...run, app: { slug: "lint-house" }, check_suite: { head_branch: "main" }, ...more },
      },
      US,
    );
  it("failed, unless it is a job of a workflow, which is told as one, ours, or of a fork", () => {
    expect(check({}).kind).toBe("failed");
    expect(check({ app: { slug: "github-actions" } })).toEqual({ kind: "nothing", why: "told_as_workflow" });
    expect(check({ app: { slug: "prunella" } })).toEqual({ kind: "nothing", why: "ours" });
    expect(check({ check_suite: { head_branch: null } })).toEqual({ kind: "nothing", why: "of_a_fork" });
  });

  it.each([null, 7, "x", [], {}, { check_run: null }, { repository, check_run: { conclusion: 7 } }])(
    "is nothing where it says %j",
    (payload) => {
      expect(hearFailure("check_run.completed", payload, US)).toEqual({ kind: "nothing", why: "no_failure" });
      expect(hearFailure("check_suite.completed", payload, US)).toEqual({ kind: "nothing", why: "no_failure" });
    },
  );
});
