import { createHash } from "node:crypto";
import type { Rng } from "../ports.ts";

/** 256 random bits as text that fits a URL and a cookie. Only its hash is ever written. */
export const newSecret = (rng: Rng): string => Buffer.from(rng.bytes(32)).toString("base64url");

export const digestOf = (secret: string): string => createHash("sha256").update(secret).digest("hex");
