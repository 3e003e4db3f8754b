import { createCipheriv, createDecipheriv, createHash, randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import {
  closeSync,
  createReadStream,
  createWriteStream,
  openSync,
  readSync,
  statSync,
  type WriteStream,
} from "node:fs";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { PrunellaError } from "@prunella/contract";
import { z } from "zod";

/** scrypt's cost: 128 MB and about half a second (OWASP's password storage recommendation of 2^17, 8, 1). */
const COST = { N: 131_072, r: 8, p: 1, maxmem: 256 * 1_048_576 };
const MAX_HEADER = 1_024;

const Header = z.strictObject({
  prunella_backup: z.literal(1),
  /** Absent: the payload is as it is, with its SHA-256 behind it. Present: AES-256-GCM, with its tag behind it. */
  encrypted: z.strictObject({ salt: z.string().length(32), nonce: z.string().length(24) }).optional(),
});

const keyOf = (passphrase: string, salt: string): Promise<Buffer> =>
  promisify<string, Buffer, number, typeof COST, Buffer>(scrypt)(passphrase, Buffer.from(salt, "hex"), 32, COST);

/** Writes a new file, readable by this user alone; throws when there is one of this name. */
export async function sealFile(from: string, to: string, passphrase: string | null): Promise<void> {
  const encrypted =
    passphrase === null ? undefined : { salt: randomBytes(16).toString("hex"), nonce: randomBytes(12).toString("hex") };
  const header = Buffer.from(`${JSON.stringify({ prunella_backup: 1, encrypted })}\n`);
  const write = await openNew(to);
  write.write(header);
  if (encrypted === undefined || passphrase === null) {
    const hash = createHash("sha256");
    await pipeline(
      createReadStream(from),
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          yield chunk;
        }
        yield hash.digest();
      },
      write,
    );
  } else {
    const cipher = createCipheriv(
      "aes-256-gcm",
      await keyOf(passphrase, encrypted.salt),
      Buffer.from(encrypted.nonce, "hex"),
    );
    cipher.setAAD(header);
    await pipeline(
      createReadStream(from),
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) yield cipher.update(chunk);
        yield cipher.final();
        yield cipher.getAuthTag();
      },
      write,
    );
  }
}

/** Writes what was sealed to `to`. Throws for a file that is none, that was changed, or for a wrong passphrase. */
export async function unsealFile(from: string, to: string, passphrase: string | null): Promise<void> {
  const { header, line } = readHeader(from);
  const tailBytes = header.encrypted === undefined ? 32 : 16;
  const end = statSync(from).size - tailBytes;
  if (end < line.length) throw broken(from, "it was cut short");
  const tail = readAt(from, end, tailBytes);
  const write = await openNew(to);
  const payload = end > line.length ? createReadStream(from, { start: line.length, end: end - 1 }) : [];
  if (header.encrypted === undefined) {
    const hash = createHash("sha256");
    await pipeline(
      payload,
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          yield chunk;
        }
      },
      write,
    );
    if (!timingSafeEqual(hash.digest(), tail)) throw broken(from, "its bytes are not those that were written");
    return;
  }
  if (passphrase === null)
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `${from} is encrypted.`,
      hint: "Give the file that holds its passphrase: --passphrase-file <file>",
    });
  const { salt, nonce } = header.encrypted;
  const decipher = createDecipheriv("aes-256-gcm", await keyOf(passphrase, salt), Buffer.from(nonce, "hex"));
  decipher.setAAD(line);
  decipher.setAuthTag(tail);
  await pipeline(
    payload,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) yield decipher.update(chunk);
      try {
        yield decipher.final();
      } catch {
        throw broken(from, "the passphrase is another one, or its bytes were changed");
      }
    },
    write,
  );
}

/** Synced when it is closed. */
async function openNew(path: string): Promise<WriteStream> {
  const write = createWriteStream(path, { flags: "wx", mode: 0o600, flush: true });
  try {
    await once(write, "open");
    return write;
  } catch (cause) {
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `${path} cannot be made${cause instanceof Error ? `: ${cause.message}` : ""}.`,
      hint: "Name a file that is not there yet, in a folder in which this user may write.",
      cause,
    });
  }
}

function readHeader(path: string): { header: z.infer<typeof Header>; line: Buffer } {
  const start = readAt(path, 0, MAX_HEADER);
  const at = start.indexOf(10);
  try {
    if (at === -1) throw new Error("no header");
    return {
      header: Header.parse(JSON.parse(start.subarray(0, at).toString("utf8"))),
      line: start.subarray(0, at + 1),
    };
  } catch (cause) {
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `${path} is no backup of Prunella.`,
      hint: "Make one: prunella backup prunella.backup",
      cause,
    });
  }
}

function readAt(path: string, position: number, length: number): Buffer {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (cause) {
    throw new PrunellaError("PRUNELLA_USAGE", { detail: `${path} cannot be read.`, cause });
  }
  try {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(file, bytes, 0, length, position));
  } finally {
    closeSync(file);
  }
}

const broken = (path: string, why: string): PrunellaError =>
  new PrunellaError("PRUNELLA_USAGE", {
    detail: `${path} cannot be restored: ${why}.`,
    hint: "Take another backup; nothing was changed.",
  });
