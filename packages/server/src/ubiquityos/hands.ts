import type { Github } from "@prunella/forge";
import type { DispatchHands } from "@prunella/ubiquityos";
import { workflowHands } from "../forge/start-workflow.ts";
import { send } from "../platform/outbound.ts";

export interface Hands extends DispatchHands {
  /** A text of a worker, such as its manifest. */
  read(url: string): Promise<string>;
}

const MAX_ANSWER_BYTES = 1_048_576;
const READING_MS = 10_000;

/** What a dispatch may reach: workers by the checked way out, workflows by the forge. */
export function createHands(forge: Github): Hands {
  return {
    async post(url, body, headers, signal) {
      const { status, body: answer } = await send(url, {
        method: "POST",
        headers,
        body: Buffer.from(body),
        signal,
        maxBytes: MAX_ANSWER_BYTES,
      });
      return { status, text: answer.toString() };
    },
    async read(url) {
      const signal = AbortSignal.timeout(READING_MS);
      const { status, body } = await send(url, {
        method: "GET",
        headers: {},
        body: Buffer.alloc(0),
        signal,
        maxBytes: MAX_ANSWER_BYTES,
      });
      if (status !== 200) throw new Error(`${url} answers ${status}`);
      return body.toString();
    },
    ...workflowHands(forge),
  };
}
