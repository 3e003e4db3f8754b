import { Octokit } from "@octokit/core";
import { z } from "zod";
import type { Asked } from "../forge.ts";
import { refusalOf } from "./refusal.ts";

const Made = z.object({
  id: z.int(),
  slug: z.string(),
  html_url: z.string(),
  permissions: z.record(z.string(), z.string()),
  webhook_secret: z.string().nullable(),
  pem: z.string(),
});

export interface MadeApp {
  readonly id: number;
  readonly slug: string;
  /** Its page, for people. */
  readonly url: string;
  readonly permissions: Readonly<Record<string, string>>;
  readonly webhookSecret: string | null;
  readonly pem: string;
}

/** What became of a manifest that a person said yes to: told once, for the code that their browser came back with. */
export async function readManifestCode(
  { baseUrl, fetch }: { readonly baseUrl: string; readonly fetch: typeof globalThis.fetch },
  code: string,
  signal: AbortSignal,
): Promise<Asked<MadeApp>> {
  try {
    const octokit = new Octokit({ baseUrl, userAgent: "prunella", request: { fetch } });
    const { data } = await octokit.request("POST /app-manifests/{code}/conversions", {
      code,
      request: { fetch, signal },
    });
    const { id, slug, html_url: url, permissions, webhook_secret: webhookSecret, pem } = Made.parse(data);
    return { ok: true, value: { id, slug, url, permissions, webhookSecret, pem } };
  } catch (error) {
    return { ok: false, refusal: refusalOf(error, 0) };
  }
}
