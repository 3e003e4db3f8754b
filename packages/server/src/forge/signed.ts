import { createHmac, timingSafeEqual } from "node:crypto";
import type { Forge } from "@prunella/forge";

/** The names under which a host says what it delivers. */
export const DELIVERY_HEADERS = {
  github: { signature: "x-hub-signature-256", id: "x-github-delivery", event: "x-github-event" },
  gitea: { signature: "x-gitea-signature", id: "x-gitea-delivery", event: "x-gitea-event" },
} as const satisfies Readonly<Record<Forge["kind"], object>>;

/**
 * Whether whoever sent these bytes knows the secret: over the bytes as they came, in a time that says nothing of how
 * much was right. An empty secret is none.
 */
export function isSigned(
  kind: Forge["kind"],
  { body, header, secret }: { readonly body: Uint8Array; readonly header: string | undefined; readonly secret: string },
): boolean {
  const digest = createHmac("sha256", secret).update(body).digest("hex");
  const expected = Buffer.from(kind === "github" ? `sha256=${digest}` : digest);
  const given = Buffer.from(header ?? "");
  return secret !== "" && given.length === expected.length && timingSafeEqual(given, expected);
}
