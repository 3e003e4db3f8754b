import type { ErrorCode, Notice } from "@prunella/contract";
import type { Answer } from "../kit/answers.ts";
import type { Head } from "../kit/head.ts";
import type { Measured } from "../../metrics/meter.ts";
import { isRecord } from "../kit/record.ts";

/** From whoever answers the port to the doors. */
export type ToDoors =
  /** Without a body the doors ask for it, if they want it. */
  | { readonly kind: "request"; readonly id: number; readonly head: Head; readonly body: Uint8Array | null }
  | { readonly kind: "body"; readonly id: number; readonly body: Uint8Array }
  | { readonly kind: "no_body"; readonly id: number; readonly failure: Failure }
  /** Rules or source maps were changed. */
  | { readonly kind: "look" }
  /** Bodies of events that are held back are to be written. */
  | { readonly kind: "flush"; readonly id: number }
  | { readonly kind: "ping"; readonly backlog: number }
  | { readonly kind: "close" };

export type FromDoors =
  | { readonly kind: "ready" }
  | { readonly kind: "want_body"; readonly id: number; readonly maxBytes: number }
  | { readonly kind: "answer"; readonly id: number; readonly answer: Answer }
  | { readonly kind: "flushed"; readonly id: number }
  | { readonly kind: "pong"; readonly measured: Measured | null }
  | { readonly kind: "appended"; readonly isUrgent: boolean }
  | { readonly kind: "notice"; readonly notice: Notice }
  | { readonly kind: "said"; readonly level: "info" | "warn"; readonly message: string };

/** An error as plain data. */
export interface Failure {
  readonly code: ErrorCode;
  readonly detail: string | null;
  readonly hint: string | null;
}

/** Both ends are code of one build: what comes is what was said, and only its direction is looked at. */
export const isToDoors = (value: unknown): value is ToDoors => isRecord(value) && TO_DOORS.has(value.kind);
export const isFromDoors = (value: unknown): value is FromDoors => isRecord(value) && !TO_DOORS.has(value.kind);

const TO_DOORS: ReadonlySet<unknown> = new Set<ToDoors["kind"]>([
  "request",
  "body",
  "no_body",
  "look",
  "flush",
  "ping",
  "close",
]);
