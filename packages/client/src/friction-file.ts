import { createHash } from "node:crypto";
import { join } from "node:path";
import { mayReport, type Situation } from "./consent.ts";
import { isObject, readObject, writeWhole } from "./files.ts";
import { clearFriction, type FrictionKind, type FrictionMemory, noteFriction } from "./friction.ts";
import { homeOf } from "./places.ts";
import type { Program } from "./program.ts";

/**
 * Friction of programs that are no Node program: each note is a process of its own, so the memory is a
 * file in the program's home. Keys are in it as hashes. True when the threshold is reached with this one.
 */
export function noteFrictionInFile(
  program: Program,
  situation: Situation,
  kind: FrictionKind,
  key: string,
  at: number,
): boolean {
  if (!mayReport("keep", program, situation).allowed) return false;
  const path = fileOf(program, situation);
  const memory = load(path);
  const reached = noteFriction(memory, kind, hash(key), at);
  save(path, memory);
  return reached;
}

/** It worked: counting of this key starts anew. */
export function clearFrictionInFile(program: Program, situation: Situation, key: string): void {
  if (!mayReport("keep", program, situation).allowed) return;
  const path = fileOf(program, situation);
  const memory = load(path);
  clearFriction(memory, hash(key));
  save(path, memory);
}

const fileOf = (program: Program, { env }: Situation): string => join(homeOf(program, env), "friction.json");
const hash = (key: string): string => createHash("sha256").update(key).digest("hex").slice(0, 16);

function load(path: string): FrictionMemory {
  const stored = readObject(path);
  const memory: FrictionMemory = new Map();
  if (!isObject(stored)) return memory;
  for (const [name, times] of Object.entries(stored)) {
    if (Array.isArray(times) && times.length < 100)
      memory.set(
        name,
        times.filter((time) => typeof time === "number"),
      );
  }
  return memory;
}

function save(path: string, memory: FrictionMemory): void {
  writeWhole(path, `${JSON.stringify(Object.fromEntries(memory))}\n`);
}
