import type { Exit, Launch, SpawnFailure } from "./spawn.ts";

/** What is said to the thread that starts programs, and by it. `id` names a start. */
export type ToStarter =
  | {
      readonly kind: "start";
      readonly id: number;
      readonly launch: Launch;
      readonly env: Readonly<Record<string, string>>;
    }
  /** So much of what it wrote was passed on. */
  | { readonly kind: "taken"; readonly id: number; readonly from: Output; readonly bytes: number };

export type FromStarter =
  | { readonly kind: "started"; readonly id: number; readonly pid: number }
  | {
      readonly kind: "failed";
      readonly id: number;
      readonly reason: SpawnFailure["reason"];
      readonly message: string;
    }
  | { readonly kind: "wrote"; readonly id: number; readonly from: Output; readonly chunk: Uint8Array }
  | { readonly kind: "closed"; readonly id: number; readonly from: Output }
  | { readonly kind: "exit"; readonly id: number; readonly exit: Exit };

export type Output = "stdout" | "stderr";

const KINDS: ReadonlySet<unknown> = new Set<(ToStarter | FromStarter)["kind"]>([
  "start",
  "taken",
  "started",
  "failed",
  "wrote",
  "closed",
  "exit",
]);

const isMessage = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "kind" in value && KINDS.has(value.kind);

/** Both ends are code of one build: what comes is what was said. */
export const isToStarter = (value: unknown): value is ToStarter => isMessage(value);
export const isFromStarter = (value: unknown): value is FromStarter => isMessage(value);
