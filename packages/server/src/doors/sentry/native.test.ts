import { Event } from "@prunella/contract";
import { describeFault, fingerprint } from "@prunella/scrub";
import { describe, expect, it } from "vitest";
import { normaliseEvent } from "./normalise.ts";

const read = (raw: unknown): Event => {
  const event = normaliseEvent(raw, { trust: "public", receivedAt: 1, fallbackId: "0".repeat(32) });
  if (event === null) throw new Error("not an event");
  return Event.parse(event);
};
const key = (raw: unknown) => fingerprint(read(raw)).strict;
const hex = (value: number) => `0x${value.toString(16)}`;
const ID = "dfb8e43a-f242-3d73-a453-aeb6a777ef75";

/** A crash without symbols: the program and libc, loaded where chance wants. */
function crash(offset: number, { base = 0x7f0000000000, library = "/opt/shop/libshop.so", named = false } = {}) {
  const libc = base + 0x1000000;
  return {
    platform: "native",
    exception: {
      values: [
        {
          type: "SIGSEGV",
          value: "Segfault",
          stacktrace: {
            frames: [
              { instruction_addr: hex(libc + 0x27249), package: "/usr/lib/libc.so.6" },
              { instruction_addr: hex(base + 0x100), package: library },
              { instruction_addr: hex(base + offset), package: library, ...(named ? { function: "charge" } : {}) },
            ],
          },
        },
      ],
    },
    debug_meta: {
      images: [
        { type: "elf", code_file: library, debug_id: ID, image_addr: hex(base), image_size: 0x10000, arch: "x86_64" },
        { type: "elf", code_file: "/usr/lib/libc.so.6", image_addr: hex(libc), image_size: 0x200000 },
        { type: "elf", code_file: "/usr/lib/unused.so", image_addr: hex(libc + 0x900000), image_size: 4096 },
      ],
    },
  };
}

describe("a native crash", () => {
  it("without symbols is told by package and offset, wherever it was loaded", () => {
    expect(key(crash(0x1a2b))).toBe(key(crash(0x1a2b, { base: 0x550000000000 })));
    expect(key(crash(0x1a2b))).not.toBe(key(crash(0x2b3c)));
    expect(key(crash(0x1a2b))).not.toBe(key(crash(0x1a2b, { library: "/opt/shop/libcart.so" })));
    expect(describeFault(read(crash(0x1a2b)))).toMatchObject({
      title: "SIGSEGV: Segfault",
      culprit: "libshop.so!sub_1a2b · libshop.so",
    });
  });

  it("keeps addresses, packages and the debug ids of what its frames stand in", () => {
    const { native } = read(crash(0x1a2b)).context;
    expect(native).toMatchObject({
      frames: [
        { package: "/usr/lib/libc.so.6", offset: "0x27249", debug_id: null },
        { package: "/opt/shop/libshop.so", instruction_addr: "0x7f0000000100", offset: "0x100", debug_id: ID },
        { offset: "0x1a2b" },
      ],
      images: [
        { code_file: "/usr/lib/libc.so.6" },
        { code_file: "/opt/shop/libshop.so", arch: "x86_64", debug_id: ID },
      ],
    });
    const frames = Array.from({ length: 300 }, () => ({ instruction_addr: "0x10", package: "a" }));
    expect(read({ stacktrace: { frames } }).context.native).toMatchObject({ frames: { length: 64 }, images: [] });
  });

  it("keeps the names that the SDK gave", () => {
    expect(read(crash(0x1a2b, { named: true })).errors[0]?.frames.at(-1)?.function).toBe("charge");
    const dart = { function: "f", filename: "main.dart", package: "flutter" };
    expect(read({ stacktrace: { frames: [dart] } }).errors[0]?.frames[0]).toMatchObject({
      filename: "main.dart",
      in_app: null,
    });
    const managed = { function: "f", module: "shop.Cart", package: "Shop, Version=1.0", instruction_addr: "0x10" };
    expect(read({ stacktrace: { frames: [managed] } }).errors).toMatchObject([
      { frames: [{ function: "f", module: "shop.Cart", filename: null, in_app: null }] },
    ]);
  });

  it.each([
    ["/usr/lib/x86_64-linux-gnu/libssl.so.3", false],
    ["/system/lib64/libandroid_runtime.so", false],
    ["/apex/com.android.runtime/lib64/bionic/libc.so", false],
    ["/System/Library/Frameworks/UIKit.framework/UIKit", false],
    ["/usr/lib/system/libsystem_kernel.dylib", false],
    ["C:\\Windows\\System32\\ntdll.dll", false],
    ["UIKitCore", false],
    ["KERNELBASE.dll", false],
    ["/private/var/containers/Bundle/Application/1B2C/Shop.app/Shop", true],
    ["/private/var/containers/Bundle/Application/1B2C/Shop.app/Frameworks/Pay.framework/Pay", null],
    ["/data/app/org.example.shop/lib/arm64/libshop.so", true],
    ["C:\\Program Files\\Shop\\shop.exe", true],
    ["/usr/local/bin/shop", true],
    ["libshop.so.1", true],
    ["serde_json", null],
  ])("in %s is own code: %s", (file, isOwn) => {
    const frame = { instruction_addr: "0x10", package: file, function: "f" };
    expect(read({ stacktrace: { frames: [frame] } }).errors[0]?.frames[0]?.in_app).toBe(isOwn);
    expect(read({ stacktrace: { frames: [{ ...frame, in_app: true }] } }).errors[0]?.frames[0]?.in_app).toBe(true);
  });

  it("finds the offset by the image of the frame itself, or the nearest below without a length", () => {
    const nameOf = (frame: object, images: readonly object[]) =>
      read({ stacktrace: { frames: [frame] }, debug_meta: { images } }).errors[0]?.frames[0]?.function ?? null;
    const frame = { instruction_addr: "0x1500", package: "/opt/a.so", function: "<redacted>" };
    const image = (at: string, file = "/opt/a.so") => ({ type: "macho", image_addr: at, code_file: file });
    expect(nameOf({ ...frame, image_addr: "0x1400" }, [])).toBe("a.so!sub_100");
    expect(nameOf(frame, [image("0x500"), image("0x1000"), image("0x2000")])).toBe("a.so!sub_500");
    expect(nameOf(frame, [image("0x1000", "/opt/b.so")])).toBe("<redacted>");
    for (const odd of [null, "x", -1, 1.5, "0x11111111111111111", {}])
      expect(nameOf({ ...frame, instruction_addr: odd }, [image("0x1000")])).toBe("<redacted>");
  });

  it("has the stack of the thread that the exception names", () => {
    const thread = (id: number, call: string, more: object = {}) => ({
      id,
      ...more,
      stacktrace: { frames: [{ function: call, filename: "a.c" }] },
    });
    const threads = { values: [thread(1, "wait", { crashed: true }), thread(2, "charge")] };
    const calls = (thread_id: unknown) =>
      read({ exception: { values: [{ type: "E", value: "x", thread_id }] }, threads }).errors[0]?.frames[0]?.function;
    expect(["2", 2, 9, null].map(calls)).toEqual(["charge", "charge", "wait", "wait"]);
  });

  it("with a class that the SDK made up is titled by its function", () => {
    const stopped = (mechanism: object, type = "EXC_BAD_ACCESS") => ({
      exception: {
        values: [{ type, value: "KERN_INVALID_ADDRESS", mechanism, stacktrace: { frames: [{ function: "charge" }] } }],
      },
    });
    expect(describeFault(read(stopped({ synthetic: true }))).title).toBe(
      "charge: EXC_BAD_ACCESS: KERN_INVALID_ADDRESS",
    );
    expect(describeFault(read(stopped({ type: "mach" }))).title).toBe("EXC_BAD_ACCESS: KERN_INVALID_ADDRESS");
    expect(describeFault(read(stopped({ synthetic: true }, "Error"))).title).toBe("Error: KERN_INVALID_ADDRESS");
  });
});
