import type { Frame } from "@prunella/contract";
import { NAME_MAX, textOrNull } from "../kit/bounded.ts";
import { isRecord } from "../kit/record.ts";

type Raw = Readonly<Record<string, unknown>>;

/** A program or library that was loaded when it crashed. */
interface Image {
  readonly code_file: string | null;
  readonly debug_id: string | null;
  readonly code_id: string | null;
  readonly arch: string | null;
  readonly start: bigint;
  /** Null when it does not say how long it is. */
  readonly end: bigint | null;
}

/** Where a frame stands, as it came. */
export interface Place {
  readonly address: bigint | null;
  /** Of its image, when the frame itself says so. */
  readonly base: bigint | null;
  readonly package: string | null;
}

/** What names a place in every run of one build; addresses in hex. Kept as `context.native`. */
export interface NativeContext {
  /** From the crash end, as frames stand. */
  readonly frames: readonly {
    readonly instruction_addr: string;
    readonly package: string | null;
    /** Of the image in which it stands; null when that is not known. */
    readonly debug_id: string | null;
    readonly offset: string | null;
  }[];
  /** Those that the frames stand in. */
  readonly images: readonly {
    readonly code_file: string | null;
    readonly debug_id: string | null;
    readonly code_id: string | null;
    readonly arch: string | null;
    readonly image_addr: string;
  }[];
}

/** More is looked at in no event; large games load some hundreds. */
const IMAGES_MAX = 1_000;
const FRAMES_KEPT = 64;
/** A UUID with an age behind it, or a build id of 20 bytes. */
const ID_MAX = 64;
const NATIVE_IMAGES: ReadonlySet<unknown> = new Set(["elf", "macho", "pe", "pe_dotnet", "wasm", "symbolic", "apple"]);

/** A package alone is Dart's or Elixir's, and means something else. */
export function isNative(raw: Raw): boolean {
  return raw.instruction_addr !== undefined && raw.instruction_addr !== null;
}

export function readPlace(raw: Raw): Place {
  return {
    address: readAddress(raw.instruction_addr),
    base: readAddress(raw.image_addr),
    package: textOrNull(raw.package, NAME_MAX),
  };
}

/** Of `debug_meta`, what native code was loaded where. Built files of JavaScript stand in the same list. */
export function readImages(meta: unknown): readonly Image[] {
  const images: Image[] = [];
  if (!isRecord(meta) || !Array.isArray(meta.images)) return images;
  for (let at = 0; at < meta.images.length && at < IMAGES_MAX; at += 1) {
    const image: unknown = meta.images[at];
    if (!isRecord(image) || !NATIVE_IMAGES.has(image.type)) continue;
    const start = readAddress(image.image_addr);
    if (start === null) continue;
    const size = readAddress(image.image_size);
    images.push({
      code_file: textOrNull(image.code_file ?? image.name ?? image.debug_file, NAME_MAX),
      debug_id: textOrNull(image.debug_id ?? image.id ?? image.uuid, ID_MAX),
      code_id: textOrNull(image.code_id, ID_MAX),
      arch: textOrNull(image.arch, ID_MAX),
      start,
      end: size === null || size === 0n ? null : start + size,
    });
  }
  return images;
}

/**
 * Frames of native code by what stays the same from run to run: where the system loaded a library is
 * chance, the offset in it is not. A frame without a name is called by package and offset
 * (`libshop.so!sub_1a2b`), so that crashes without symbols are told apart. The package also says whose
 * code it is, when the SDK does not.
 */
export function placeFrames(
  frames: readonly Frame[],
  places: readonly Place[],
  images: readonly Image[],
): { frames: Frame[]; context: NativeContext | null } {
  const kept: NativeContext["frames"][number][] = [];
  const used = new Set<Image>();
  const placed = frames.map((frame, at): Frame => {
    const place = places[at];
    // Managed code has addresses and assemblies too; its modules say more.
    if (place === undefined || place.address === null || frame.module !== null) return frame;
    const image = imageOf(place, images);
    const file = place.package ?? image?.code_file ?? null;
    const base = image?.start ?? place.base;
    const offset = base !== null && place.address >= base ? place.address - base : null;
    if (at >= frames.length - FRAMES_KEPT) {
      if (image !== null) used.add(image);
      kept.push({
        instruction_addr: hex(place.address),
        package: file,
        debug_id: image?.debug_id ?? null,
        offset: offset === null ? null : hex(offset),
      });
    }
    const name = file === null ? null : file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1);
    const isNamed =
      frame.function !== null && !/^(?:\?{1,2}|<?unknown>?|<redacted>|0x[0-9a-f]{1,16})$/i.test(frame.function);
    return {
      ...frame,
      function: isNamed || name === null || offset === null ? frame.function : `${name}!sub_${offset.toString(16)}`,
      filename: frame.filename ?? file,
      in_app: frame.in_app ?? (file === null ? null : isOwn(file)),
    };
  });
  if (kept.length === 0) return { frames: placed, context: null };
  const shown = [...used].map(({ start, end: _end, ...image }) => ({ ...image, image_addr: hex(start) }));
  return { frames: placed, context: { frames: kept, images: shown } };
}

function imageOf({ address, package: file }: Place, images: readonly Image[]): Image | null {
  if (address === null) return null;
  let below: Image | null = null;
  for (const image of images) {
    if (address < image.start) continue;
    if (image.end !== null) {
      if (address < image.end) return image;
    } else if (below === null || image.start > below.start) below = image;
  }
  // Without a length, only its own name says that the address is still inside.
  return below !== null && (file === null || below.code_file === file) ? below : null;
}

/** Folders and libraries that come with the system, on Linux, Android, Apple's and Windows. */
const SYSTEM =
  /^(?:\/usr)?\/lib(?:exec|32|64|x32)?\/|^\/(?:system|apex|vendor|product|odm)\/|^\/(?:System|Library)\/|^\/usr\/(?:lib|libexec)\/|^\/private\/preboot\/|^\/Applications\/Xcode|\/Developer\/(?:Toolchains|Platforms)\/|^[a-z]:\\windows\\|^\[?(?:vdso|linux-(?:gate|vdso))/i;
const LIBRARY =
  /(?:^|[\\/])(?:libc|libc\+\+|libc\+\+_shared|libm|libdl|libpthread|libart|libstdc\+\+|libgcc_s|ld-linux[\w-]{0,20}|libsystem_\w{1,30}|libdispatch|libobjc(?:\.A)?|UIKitCore|UIKit|Foundation|CoreFoundation|AppKit|ntdll|kernel32|kernelbase|ucrtbase|user32|msvcrt|vcruntime\d{0,4})(?:[.-][\w.]{0,20})?$/i;
/** Frameworks that an app brings are somebody's, and nobody here knows whose. */
const BROUGHT = /\.app\/(?:Contents\/)?Frameworks\//;

/** Rust says the crate where others say the file; whose that is, is not in its name. */
const FILE = /[\\/]|\.(?:so|dylib|dll|exe|apk)(?:\.\d{1,6}){0,4}$/i;

function isOwn(file: string): boolean | null {
  if (SYSTEM.test(file) || LIBRARY.test(file)) return false;
  return BROUGHT.test(file) || !FILE.test(file) ? null : true;
}

/** `0x7fff2a10`, or a number; as text without `0x` it is decimal. */
function readAddress(value: unknown): bigint | null {
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : null;
  return typeof value === "string" && /^(?:0x[0-9a-f]{1,16}|\d{1,20})$/i.test(value) ? BigInt(value) : null;
}

const hex = (value: bigint): string => `0x${value.toString(16)}`;
