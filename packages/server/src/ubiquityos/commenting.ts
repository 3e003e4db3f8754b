import { createHash } from "node:crypto";
import { PluginManifest } from "@prunella/contract/plugins";
import { SYSTEM, type Kernel, type Log, type Once } from "@prunella/kernel";
import type { Asked } from "@prunella/forge";

const COMMENT = "github:comment:write";

/**
 * The kernel's own comments are those of a program like anyone's: it is listed, asks for one scope, is granted
 * nothing by being there, and each comment stands in the ledger before it is written.
 */
const PROGRAM = PluginManifest.parse({
  manifestVersion: 1,
  dialect: "ubiquityos",
  name: "ubiquityos-kernel",
  version: "0.1.0",
  description: "Answers /help, and says on a commit or an issue what is wrong with a configuration or a plugin.",
  license: "Apache-2.0",
  kind: "http",
  url: "http://localhost/forge/ubiquityos",
  engines: { prunella: ">=0.1.0" },
  namespace: "ubiquityos-kernel",
  listens: ["issue_comment.created", "push", "kernel.plugin_error"].map((event) => ({
    event,
    uses: [COMMENT],
    reason: "It comments on this.",
  })),
  permissions: { required: [{ scope: COMMENT, resources: ["$event.repo"], reason: "It answers where it was asked." }] },
});

export interface CommentingDeps {
  readonly kernel: Kernel;
  readonly project: string;
  readonly log: Log;
}

export type Occasion = "issue_comment.created" | "push" | "kernel.plugin_error";

/** Writes a comment where somebody granted it; the log says what would allow it where nobody did. */
export function createCommenting({ kernel, project, log }: CommentingDeps) {
  async function program() {
    const found = await kernel.plugins.find(PROGRAM.name).catch(() => null);
    if (found !== null) return found;
    const digest = digestOf(JSON.stringify(PROGRAM));
    const artifact = {
      plugin: PROGRAM.name,
      version: PROGRAM.version,
      digest,
      treeDigest: digest,
      manifestDigest: digest,
    };
    const source = { kind: "url" as const, url: PROGRAM.url ?? "" };
    await kernel.plugins.install(
      { artifact: { ...artifact, source }, manifest: PROGRAM, signature: null, bundler: "none", bytes: 0 },
      project,
      SYSTEM,
    );
    return kernel.plugins.find(PROGRAM.name);
  }

  return async function comment(
    on: {
      readonly occasion: Occasion;
      readonly repo: string;
      readonly text: string;
      readonly once?: readonly Once[];
    },
    write: (signal: AbortSignal) => Promise<Asked<unknown>>,
  ): Promise<boolean> {
    const plugin = await program();
    const { invocations } = kernel.plugins;
    const admission = await invocations.admit({
      projectId: project,
      plugin,
      command: `event:${on.occasion}`,
      via: "event",
      by: SYSTEM,
      isConfirmed: false,
      bindings: { "event.repo": on.repo },
      once: on.once ?? [],
    });
    if (admission.kind !== "admitted") {
      if (admission.kind === "blocked")
        log.info(
          `no comment in ${on.repo}: ${admission.detail}${admission.mend === null ? "" : ` Allow it: ${admission.mend}`}`,
        );
      return false;
    }
    const invocation = admission.invocationId;
    const verdict = await kernel.plugins.authorize({
      invocation,
      projectId: project,
      plugin: plugin.name,
      digest: plugin.digest,
      method: "comment.write",
      access: "write",
      scope: COMMENT,
      resource: on.repo,
      argumentsDigest: digestOf(on.text).slice("sha256:".length),
    });
    if (verdict.kind !== "allowed") {
      await invocations.end(invocation, { kind: "blocked", refusal: null, detail: verdict.detail });
      log.info(`no comment in ${on.repo}: ${verdict.detail}`);
      return false;
    }
    const bar = await invocations.begin(invocation, null);
    if (bar !== null) {
      if ("done" in verdict) await verdict.done(false);
      await invocations.end(invocation, { kind: "blocked", refusal: bar.refusal, detail: bar.detail });
      log.info(`no comment in ${on.repo}: ${bar.detail}`);
      return false;
    }
    const written = await write(AbortSignal.timeout(WRITING_MS));
    if ("done" in verdict) await verdict.done(written.ok);
    await invocations.end(
      invocation,
      written.ok ? { kind: "completed" } : { kind: "failed", reason: "failed", detail: written.refusal.message },
    );
    return written.ok;
  };
}

const WRITING_MS = 30_000;
const digestOf = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;
