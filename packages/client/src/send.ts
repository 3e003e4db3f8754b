import { mayReport, type Reason, type Situation } from "./consent.ts";
import type { Program } from "./program.ts";
import type { KeptReport } from "./reports.ts";

/** How long one answer is waited for. */
const ANSWER_MS = 10_000;

export type Sent =
  | { readonly kind: "sent" }
  /** The server took it for none of its business; trying again is of no use. */
  | { readonly kind: "rejected"; readonly status: number }
  | { readonly kind: "failed" }
  | { readonly kind: "refused"; readonly reason: Exclude<Reason, "allowed"> };

/** The one door out of this package, behind the one question. Sends the bytes of the file as they are. */
export async function sendReport(report: KeptReport, program: Program, situation: Situation): Promise<Sent> {
  const answer = mayReport("send", program, situation);
  if (!answer.allowed) return { kind: "refused", reason: answer.reason };
  if (answer.endpoint === null) return { kind: "refused", reason: "no_endpoint" };
  try {
    const response = await fetch(answer.endpoint, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: report.bytes.toString("utf8"),
      // Where it goes was shown; another address was not.
      redirect: "error",
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    await response.body?.cancel();
    if (response.ok) return { kind: "sent" };
    const isFinal =
      response.status >= 400 && response.status < 500 && response.status !== 408 && response.status !== 429;
    return isFinal ? { kind: "rejected", status: response.status } : { kind: "failed" };
  } catch {
    return { kind: "failed" };
  }
}
