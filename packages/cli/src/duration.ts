import { PrunellaError } from "@prunella/contract";

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `30m`, `24h`, `7d`. */
export function durationOf(option: string, typed: string): number {
  const [, count = "", unit = ""] = /^(\d{1,6})([smhd])$/.exec(typed.trim()) ?? [];
  const ms = UNITS[unit];
  if (ms === undefined)
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `${option} ${typed} is not a time, such as 30m, 24h or 7d.`,
    });
  return Number(count) * ms;
}

/** As it would be typed. */
export function durationWords(ms: number): string {
  for (const [unit, size] of [["d", 86_400_000] as const, ["h", 3_600_000] as const, ["m", 60_000] as const])
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  return `${Math.round(ms / 1_000)}s`;
}

const SIZES: Readonly<Record<string, number>> = { KB: 1_024, MB: 1_048_576, GB: 1_073_741_824 };

/** Bytes of `500MB` or `2GB`, in powers of 1,024. */
export function bytesOf(option: string, typed: string): number {
  const [, count = "", unit = ""] = /^(\d{1,7}(?:\.\d{1,3})?)(KB|MB|GB)$/.exec(typed.trim().toUpperCase()) ?? [];
  const size = SIZES[unit];
  if (size === undefined)
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `${option} ${typed} is not a size, such as 500MB or 2GB.`,
    });
  return Math.round(Number(count) * size);
}

export function bytesWords(bytes: number): string {
  for (const unit of ["GB", "MB", "KB"] as const) {
    const size = SIZES[unit] ?? 1;
    if (bytes >= size) return `${(bytes / size).toFixed(bytes % size === 0 ? 0 : 1)} ${unit}`;
  }
  return `${bytes} bytes`;
}
