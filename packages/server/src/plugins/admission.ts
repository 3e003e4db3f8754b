import type { Kernel } from "@prunella/kernel";
import type { Scrubbed } from "@prunella/scrub";
import { digestOf } from "./broker/preview.ts";
import type { Invoke } from "./invocation.ts";

type Invocations = Kernel["plugins"]["invocations"];
type Asked = Parameters<Invocations["admit"]>[0];
type Admission = Awaited<ReturnType<Invocations["admit"]>>;

/** Asked for now, or admitted by a server before this one and parked since. */
export async function admissionOf(
  { plugins }: Pick<Kernel, "plugins">,
  adopted: Invoke["adopted"],
  asked: Asked,
): Promise<Exclude<Admission, { kind: "parked" }> | Parked> {
  return adopted === undefined ? plugins.invocations.admit(asked) : { kind: "parked", ...adopted };
}

type Parked = Pick<Extract<Admission, { kind: "parked" }>, "kind" | "invocationId" | "escalationId">;

/** What a person is shown and pins; the arguments are written down only where nothing of them has to be taken out. */
export function asksOf(
  input: unknown,
  preview: string,
  scrubJson: (value: unknown) => { readonly value: Scrubbed<unknown> },
): NonNullable<Asked["asks"]> {
  const { value } = scrubJson(input);
  const argumentsDigest = digestOf(input);
  return { argumentsDigest, preview, kept: digestOf(value.value) === argumentsDigest ? value : null };
}

/** Of whoever asked and cannot change their mind. */
export const NEVER: AbortSignal = new AbortController().signal;
