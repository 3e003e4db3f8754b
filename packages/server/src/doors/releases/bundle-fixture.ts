import { createHash } from "node:crypto";
import { crc32, deflateRawSync, zstdCompressSync } from "node:zlib";

export const sha1 = (bytes: Buffer | string): string => createHash("sha1").update(bytes).digest("hex");

export type Packing = 0 | 8 | 93;

/** A ZIP archive of these files, behind `before`; offsets count from where `isShifted` says. */
export function aZip(
  files: Readonly<Record<string, Buffer | string>>,
  { method = 8, before = "", isShifted = false }: { method?: Packing; before?: string; isShifted?: boolean } = {},
): Buffer {
  const parts: Buffer[] = [Buffer.from(before)];
  const listed: Buffer[] = [];
  let at = isShifted ? 0 : before.length;
  for (const [name, text] of Object.entries(files)) {
    const raw = Buffer.from(text);
    const data = method === 8 ? deflateRawSync(raw) : method === 93 ? zstdCompressSync(raw) : raw;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(method, 8);
    local.writeUInt16LE(Buffer.byteLength(name), 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(crc32(raw), 16);
    central.writeUInt32LE(data.length, 20);
    central.writeUInt32LE(raw.length, 24);
    central.writeUInt16LE(Buffer.byteLength(name), 28);
    central.writeUInt32LE(at, 42);
    parts.push(local, Buffer.from(name), data);
    listed.push(central, Buffer.from(name));
    at += 30 + Buffer.byteLength(name) + data.length;
  }
  const list = Buffer.concat(listed);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, list, end]);
}

export const PAY = "export function charge(amount) {\n  return amount;\n}\n";
export const aMap = JSON.stringify({
  version: 3,
  sources: ["../src/pay.ts"],
  sourcesContent: [PAY],
  names: ["charge"],
  mappings: "AAAOA",
});

/** As sentry-cli makes it. */
export function aBundle(
  files: Readonly<
    Record<string, { url: string; type: string; headers?: Readonly<Record<string, string>>; text: string }>
  >,
  manifest: object = {},
): Buffer {
  const listed: Record<string, object> = {};
  const zipped: Record<string, string> = {};
  for (const [path, { text, ...file }] of Object.entries(files)) {
    listed[path] = file;
    zipped[path] = text;
  }
  const text = JSON.stringify({ ...manifest, files: listed });
  return aZip({ ...zipped, "manifest.json": text }, { before: "SYSB\u0002\0\0\0" });
}

/** A built file and its map, found by debug id, or by release and file. */
export const aBuild = (debugId: string | null, text = aMap): Buffer => {
  const id: Record<string, string> = debugId === null ? {} : { "debug-id": debugId };
  return aBundle({
    "files/_/_/js/app.js": {
      url: "~/js/app.js",
      type: "minified_source",
      headers: { ...id, Sourcemap: "app.js.map" },
      text: "n()",
    },
    "files/_/_/js/app.js.map": { url: "~/js/app.js.map", type: "source_map", headers: id, text },
  });
};
