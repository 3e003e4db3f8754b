import { sign, verify, type KeyObject } from "node:crypto";
import type { UnsignedInputs } from "./inputs.ts";

/** What is signed, in this order; a key without a value is left out (FORMATS: "Dispatch"). */
const ORDER = [
  "stateId",
  "eventName",
  "eventPayload",
  "settings",
  "authToken",
  "ubiquityKernelToken",
  "ref",
  "command",
] as const;

/** RSASSA-PKCS1-v1_5 with SHA-256 over the JSON text of the ordered inputs, in base64. */
export function signInputs(inputs: UnsignedInputs, privateKey: KeyObject): string {
  return sign("sha256", Buffer.from(signedText(inputs)), privateKey).toString("base64");
}

export function verifyInputs(inputs: UnsignedInputs, signature: string, publicKey: KeyObject): boolean {
  return verify("sha256", Buffer.from(signedText(inputs)), publicKey, Buffer.from(signature, "base64"));
}

function signedText(inputs: UnsignedInputs): string {
  return JSON.stringify(Object.fromEntries(ORDER.map((key) => [key, inputs[key]])));
}
