import type { KeyObject } from "node:crypto";
import { brotliCompressSync, brotliDecompressSync } from "node:zlib";
import { parseJson } from "@prunella/contract/json";
import { z } from "zod";
import { signInputs, verifyInputs } from "./signature.ts";

const Unsigned = z.object({
  stateId: z.string(),
  eventName: z.string(),
  /** base64 of brotli of JSON. */
  eventPayload: z.string(),
  /** JSON. */
  settings: z.string(),
  authToken: z.string(),
  ubiquityKernelToken: z.string().optional(),
  ref: z.string(),
  /** JSON: null, or a command with its parameters. */
  command: z.string(),
});
export type UnsignedInputs = z.infer<typeof Unsigned>;

/** What goes to a worker's URL, or into a workflow's inputs: all of it text. */
export const DispatchInputs = Unsigned.extend({ signature: z.string() });
export type DispatchInputs = z.infer<typeof DispatchInputs>;

export interface Dispatch {
  readonly stateId: string;
  /** `issue_comment.created`. */
  readonly eventName: string;
  readonly payload: unknown;
  readonly settings: unknown;
  readonly authToken: string;
  readonly ubiquityKernelToken?: string | undefined;
  /** The ref of a workflow, the URL of a worker. */
  readonly ref: string;
  readonly command: { readonly name: string; readonly parameters: unknown } | null;
}

export function encodeDispatch(dispatch: Dispatch, privateKey: KeyObject): DispatchInputs {
  const { ubiquityKernelToken } = dispatch;
  const inputs: UnsignedInputs = {
    stateId: dispatch.stateId,
    eventName: dispatch.eventName,
    eventPayload: compress(JSON.stringify(dispatch.payload)),
    settings: JSON.stringify(dispatch.settings ?? {}),
    authToken: dispatch.authToken,
    ...(ubiquityKernelToken === undefined ? {} : { ubiquityKernelToken }),
    ref: dispatch.ref,
    command: JSON.stringify(dispatch.command),
  };
  return { ...inputs, signature: signInputs(inputs, privateKey) };
}

export type InputsReading =
  | { readonly ok: true; readonly dispatch: Dispatch }
  | { readonly ok: false; readonly status: 400; readonly message: (typeof REFUSALS)[keyof typeof REFUSALS] };

/** The words in which this dialect refuses a dispatch; its senders know them. */
export const REFUSALS = {
  contentType: "Content-Type must be application/json",
  body: "Invalid body",
  signature: "Invalid signature",
} as const;

/** The side of a plugin: reads what a kernel sent, and believes it only with that kernel's signature. */
export function decodeDispatch(body: unknown, publicKey: KeyObject): InputsReading {
  const read = DispatchInputs.safeParse(body);
  if (!read.success) return { ok: false, status: 400, message: REFUSALS.body };
  const { signature, ...inputs } = read.data;
  if (!verifyInputs(inputs, signature, publicKey)) return { ok: false, status: 400, message: REFUSALS.signature };
  const payload = readText(decompress(inputs.eventPayload));
  const settings = readText(inputs.settings);
  const command = Command.safeParse(readText(inputs.command));
  if (payload === undefined || settings === undefined || !command.success) {
    return { ok: false, status: 400, message: REFUSALS.body };
  }
  return { ok: true, dispatch: { ...inputs, payload, settings, command: command.data } };
}

const Command = z.object({ name: z.string(), parameters: z.unknown() }).nullable();

export const compress = (text: string): string => brotliCompressSync(Buffer.from(text)).toString("base64");

/** A payload of a host is 25 MB at most (GitHub's documentation, "Webhook events and payloads"). */
const MOST_BYTES = 26_214_400;

/** Null where it is no brotli, or more than a payload may be. */
export function decompress(text: string): string | null {
  try {
    return brotliDecompressSync(Buffer.from(text, "base64"), { maxOutputLength: MOST_BYTES }).toString();
  } catch {
    return null;
  }
}

const readText = (text: string | null): unknown => (text === null ? undefined : parseJson(text));
